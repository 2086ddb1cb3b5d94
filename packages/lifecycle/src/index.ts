export { API_MAJOR, BUILD_ID, IS_PACKAGED, VERSION } from "./build-info.ts";
export { type ComponentEnvironment, DEFAULT_PORT, readComponentEnvironment } from "./component-environment.ts";
export { ComponentFailure, EXIT } from "./exit-codes.ts";
export { type HomePaths, homePaths, resolveHome } from "./home.ts";
export { createLogger, LOG_LEVELS, type Logger, type LogLevel, parseLogLevel } from "./logger.ts";
export { identifyProcess, isAlive, type ProcessIdentity, readProcessVariable } from "./process-identity.ts";
export { createRedactor, type Redactor } from "./redactor.ts";
export { type Command, ROLE_ENTRIES, type Role, roleCommand, roleModule } from "./role-command.ts";
export { type ComponentContext, type RunningComponent, runComponent } from "./run-component.ts";
