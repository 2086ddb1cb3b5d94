import { codeOfOne } from "./code.ts";
import { describe, fail } from "./errors.ts";
import type { Json } from "./json.ts";
import { erf, frexp, gamma, lgamma, nextAfter, roundEven, scale } from "./math-functions.ts";
import { type MakeCall, type Natives, native0, nativeN } from "./native.ts";

function toNumber(value: Json): number {
  return typeof value === "number" ? value : fail(`${describe(value)} number required`);
}

function math1(apply: (x: number) => number): MakeCall {
  return native0((_run, input) => apply(toNumber(input)));
}

function math2(apply: (x: number, y: number) => number): MakeCall {
  return nativeN((_run, _input, x = null, y = null) => apply(toNumber(x), toNumber(y)));
}

const UNARY: Readonly<Record<string, (x: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round: (x) => (x < 0 ? -Math.round(-x) : Math.round(x)),
  trunc: Math.trunc,
  rint: roundEven,
  nearbyint: roundEven,
  sqrt: Math.sqrt,
  cbrt: Math.cbrt,
  fabs: Math.abs,
  exp: Math.exp,
  exp2: (x) => 2 ** x,
  exp10: (x) => 10 ** x,
  pow10: (x) => 10 ** x,
  expm1: Math.expm1,
  log: Math.log,
  log2: Math.log2,
  log10: Math.log10,
  log1p: Math.log1p,
  logb: (x) => (x === 0 ? Number.NEGATIVE_INFINITY : Number.isFinite(x) ? frexp(x).exponent - 1 : Math.abs(x)),
  significand: (x) => (x === 0 || !Number.isFinite(x) ? x : frexp(x).mantissa * 2),
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  asinh: Math.asinh,
  acosh: Math.acosh,
  atanh: Math.atanh,
  gamma: lgamma,
  lgamma,
  lgamma_r: lgamma,
  tgamma: gamma,
  erf,
  erfc: (x) => 1 - erf(x),
};

const BINARY: Readonly<Record<string, (x: number, y: number) => number>> = {
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y),
  atan2: Math.atan2,
  fmod: (x, y) => x % y,
  hypot: (x, y) => Math.hypot(x, y),
  fmin: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.min(x, y)),
  fmax: (x, y) => (Number.isNaN(x) ? y : Number.isNaN(y) ? x : Math.max(x, y)),
  fdim: (x, y) => (x > y ? x - y : Number.isNaN(x) || Number.isNaN(y) ? Number.NaN : 0),
  copysign: (x, y) => ((y < 0 || Object.is(y, -0)) === (x < 0 || Object.is(x, -0)) ? x : -x),
  remainder: (x, y) => x - y * roundEven(x / y),
  drem: (x, y) => x - y * roundEven(x / y),
  ldexp: scale,
  scalb: scale,
  scalbln: scale,
  nextafter: nextAfter,
  nexttoward: nextAfter,
};

function natives(): Natives {
  const made: Record<string, MakeCall> = {};
  for (const [name, apply] of Object.entries(UNARY)) made[`${name}/0`] = math1(apply);
  for (const [name, apply] of Object.entries(BINARY)) made[`${name}/2`] = math2(apply);
  return made;
}

function splitNumber(x: number): Json {
  const whole = Math.trunc(x);
  return Number.isFinite(x) ? [x - whole, whole] : [Number.isNaN(x) ? x : 0, x];
}

/** Functions on numbers, named as in C. */
export const MATH_NATIVES: Natives = {
  ...natives(),
  "abs/0": native0((_run, input) => {
    if (typeof input === "number") return input < 0 ? -input : input === 0 ? 0 : input;
    const below = input === null || typeof input === "boolean";
    return below ? fail(`${describe(input)} cannot be negated`) : input;
  }),
  "frexp/0": native0((_run, input) => {
    const { mantissa, exponent } = frexp(toNumber(input));
    return [mantissa, exponent];
  }),
  "modf/0": native0((_run, input) => splitNumber(toNumber(input))),
  "fma/3": nativeN((_run, _input, x = null, y = null, z = null) => toNumber(x) * toNumber(y) + toNumber(z)),
  "infinite/0": () => codeOfOne(() => Number.POSITIVE_INFINITY),
  "nan/0": () => codeOfOne(() => Number.NaN),
  "isinfinite/0": native0((_run, input) => input === Number.POSITIVE_INFINITY || input === Number.NEGATIVE_INFINITY),
  "isfinite/0": native0((_run, input) => Number.isFinite(input)),
  "isnan/0": native0((_run, input) => Number.isNaN(input)),
  "isnormal/0": native0((_run, input) => {
    const size = typeof input === "number" ? Math.abs(input) : 0;
    return size >= 2.2250738585072014e-308 && size <= Number.MAX_VALUE;
  }),
  "have_decnum/0": () => codeOfOne(() => false),
  "have_literal_numbers/0": () => codeOfOne(() => true),
};
