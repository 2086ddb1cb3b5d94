#!/bin/sh
exec node "$(dirname -- "$0")/../../packages/agent-runner/src/main.ts" "$@"
