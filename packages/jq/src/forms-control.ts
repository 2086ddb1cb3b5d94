import { type Code, codeOfEach, codeOfOne, type Each, type EmitPath, type Paths } from "./code.ts";
import { Raise } from "./errors.ts";
import { isTruthy } from "./json.ts";

/** `left | right` */
export function makePipe(left: Code, right: Code): Code {
  const paths: Paths = (run, env, path, input, emit) =>
    left.paths(run, env, path, input, (inner, value) => right.paths(run, env, inner, value, emit));
  const { one: leftOne } = left;
  const { one: rightOne } = right;
  if (leftOne === undefined) {
    return codeOfEach(
      (run, env, input, emit) => left.each(run, env, input, (value) => right.each(run, env, value, emit)),
      paths,
    );
  }
  if (rightOne === undefined) {
    return codeOfEach((run, env, input, emit) => {
      const value = leftOne(run, env, input);
      return value === undefined ? false : right.each(run, env, value, emit);
    }, paths);
  }
  const both = codeOfOne((run, env, input) => {
    const value = leftOne(run, env, input);
    return value === undefined ? undefined : rightOne(run, env, value);
  }, paths);
  const { change: leftChange } = left;
  const { change: rightChange, tail } = right;
  if (tail !== undefined) {
    return {
      ...both,
      tail: (run, env, input) => {
        const value = leftOne(run, env, input);
        return value === undefined ? undefined : tail(run, env, value);
      },
    };
  }
  if (leftChange === undefined || rightChange === undefined) return both;
  return {
    ...both,
    change: (run, env, input, owned) => {
      const value = leftChange(run, env, input, owned);
      return value === undefined ? undefined : rightChange(run, env, value, owned);
    },
  };
}

/** `left, right` */
export function makeComma(left: Code, right: Code): Code {
  return codeOfEach(
    (run, env, input, emit) => left.each(run, env, input, emit) || right.each(run, env, input, emit),
    (run, env, path, input, emit) =>
      left.paths(run, env, path, input, emit) || right.paths(run, env, path, input, emit),
  );
}

/** `if condition then ... else ... end` */
export function makeIf(condition: Code, then: Code, otherwise: Code): Code {
  const paths: Paths = (run, env, path, input, emit) =>
    condition.each(run, env, input, (value) => (isTruthy(value) ? then : otherwise).paths(run, env, path, input, emit));
  const { one } = condition;
  const { one: thenOne } = then;
  const { one: elseOne } = otherwise;
  if (one === undefined) {
    return codeOfEach(
      (run, env, input, emit) =>
        condition.each(run, env, input, (value) => (isTruthy(value) ? then : otherwise).each(run, env, input, emit)),
      paths,
    );
  }
  if (thenOne === undefined || elseOne === undefined) {
    return codeOfEach((run, env, input, emit) => {
      const value = one(run, env, input);
      if (value === undefined) return false;
      return (isTruthy(value) ? then : otherwise).each(run, env, input, emit);
    }, paths);
  }
  const code = codeOfOne((run, env, input) => {
    const value = one(run, env, input);
    if (value === undefined) return undefined;
    return isTruthy(value) ? thenOne(run, env, input) : elseOne(run, env, input);
  }, paths);
  if (then.tail === undefined && otherwise.tail === undefined) return code;
  const thenTail = then.tail ?? thenOne;
  const elseTail = otherwise.tail ?? elseOne;
  return {
    ...code,
    tail: (run, env, input) => {
      const value = one(run, env, input);
      if (value === undefined) return undefined;
      return isTruthy(value) ? thenTail(run, env, input) : elseTail(run, env, input);
    },
  };
}

/** `left and right`, `left or right`; `decisive` is the truth of the left side that settles it. */
export function makeLogic(left: Code, right: Code, decisive: boolean): Code {
  const { one: leftOne } = left;
  const { one: rightOne } = right;
  if (leftOne !== undefined && rightOne !== undefined) {
    return codeOfOne((run, env, input) => {
      const a = leftOne(run, env, input);
      if (a === undefined) return undefined;
      if (isTruthy(a) === decisive) return decisive;
      const b = rightOne(run, env, input);
      return b === undefined ? undefined : isTruthy(b);
    });
  }
  return codeOfEach((run, env, input, emit) =>
    left.each(run, env, input, (a) => {
      if (isTruthy(a) === decisive) return emit(decisive);
      return right.each(run, env, input, (b) => emit(isTruthy(b)));
    }),
  );
}

/** `left // right`: the true outputs of the left side, else the right side. */
export function makeAlternative(left: Code, right: Code): Code {
  const paths: Paths = (run, env, path, input, emit) => {
    let found = false;
    const stopped = left.paths(run, env, path, input, (inner, value) => {
      if (!isTruthy(value)) return false;
      found = true;
      return emit(inner, value);
    });
    return found || stopped ? stopped : right.paths(run, env, path, input, emit);
  };
  const { one: leftOne } = left;
  const { one: rightOne } = right;
  if (leftOne === undefined || rightOne === undefined) {
    const each: Each = (run, env, input, emit) => {
      let found = false;
      const stopped = left.each(run, env, input, (value) => {
        if (!isTruthy(value)) return false;
        found = true;
        return emit(value);
      });
      return found || stopped ? stopped : right.each(run, env, input, emit);
    };
    return codeOfEach(each, paths);
  }
  return codeOfOne((run, env, input) => {
    const value = leftOne(run, env, input);
    return value !== undefined && isTruthy(value) ? value : rightOne(run, env, input);
  }, paths);
}

/** Runs a producer; answers its own error as a `Raise`, but lets the consumer's errors pass. */
function guard(run: { depth: number }, produce: (emit: EmitPath) => boolean, emit: EmitPath): boolean | Raise {
  const { depth } = run;
  let inConsumer = false;
  try {
    return produce((path, value) => {
      inConsumer = true;
      const stopped = emit(path, value);
      inConsumer = false;
      return stopped;
    });
  } catch (error) {
    if (inConsumer || !(error instanceof Raise)) throw error;
    run.depth = depth;
    return error;
  }
}

/** `try body catch handler`; without a handler errors end the outputs. */
export function makeTry(body: Code, handler: Code | undefined): Code {
  const paths: Paths = (run, env, path, input, emit) => {
    const result = guard(run, (wrapped) => body.paths(run, env, path, input, wrapped), emit);
    if (typeof result === "boolean") return result;
    return handler === undefined ? false : handler.paths(run, env, undefined, result.value, emit);
  };
  const { one } = body;
  if (one === undefined || (handler !== undefined && handler.one === undefined)) {
    return codeOfEach((run, env, input, emit) => {
      const result = guard(
        run,
        (wrapped) => body.each(run, env, input, (value) => wrapped(undefined, value)),
        (_path, value) => emit(value),
      );
      if (typeof result === "boolean") return result;
      return handler === undefined ? false : handler.each(run, env, result.value, emit);
    }, paths);
  }
  const handlerOne = handler?.one;
  return codeOfOne((run, env, input) => {
    const { depth } = run;
    try {
      return one(run, env, input);
    } catch (error) {
      if (!(error instanceof Raise)) throw error;
      run.depth = depth;
      return handlerOne?.(run, env, error.value);
    }
  }, paths);
}
