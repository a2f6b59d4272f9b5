// checks of CPU, memory and storage of a container
import { Size, SizeRoundingBehavior } from 'cdk8s';
import type { ContainerResources, Cpu } from 'cdk8s-plus-27';
import type { Problem } from '../validation/problem';
import { checkThat } from '../validation/values';

const MEBIBYTE = Size.mebibytes(1);
const GIBIBYTE = Size.gibibytes(1);

/** A whole number of thousandths of a CPU. cdk8s-plus writes any number and any text. */
const CPU = /^(\d+m|\d+(\.\d{1,3})?)$/;

/** All problems with `resources`: the API server would refuse the pod. */
export function checkResources({ cpu, memory, ephemeralStorage }: ContainerResources): Problem[] {
  return [
    ...checkCpu('resources.cpu.request', cpu?.request),
    ...checkCpu('resources.cpu.limit', cpu?.limit),
    ...checkSize('resources.memory.request', memory?.request, MEBIBYTE),
    ...checkSize('resources.memory.limit', memory?.limit, MEBIBYTE),
    ...checkSize('resources.ephemeralStorage.request', ephemeralStorage?.request, GIBIBYTE),
    ...checkSize('resources.ephemeralStorage.limit', ephemeralStorage?.limit, GIBIBYTE),
    ...checkLimit('resources.cpu', cpu, millis, ({ amount }) => amount),
    ...checkLimit('resources.memory', memory, kibibytes, size => size.asString()),
    ...checkLimit('resources.ephemeralStorage', ephemeralStorage, kibibytes, size => size.asString()),
  ];
}

/** Thousandths of a CPU. cdk8s-plus keeps the text only: `100m`, or `0.5`. */
export function millis({ amount }: Cpu): number {
  return amount.endsWith('m') ? parseFloat(amount) : parseFloat(amount) * 1000;
}

function checkCpu(what: string, cpu: Cpu | undefined): Problem[] {
  return checkThat(cpu === undefined || (CPU.test(cpu.amount) && millis(cpu) > 0), {
    code: 'cpu-invalid', what: `${what} is not an amount of CPU`, got: cpu?.amount, fix: 'give a whole number of thousandths, at least 1: Cpu.millis(100)',
  });
}

/** cdk8s-plus writes memory in whole mebibytes and storage in whole gibibytes, and throws when it writes any other. */
function checkSize(what: string, size: Size | undefined, unit: Size): Problem[] {
  const isWhole = size === undefined || kibibytes(size) % unit.toKibibytes() === 0;
  return checkThat(isWhole, {
    code: 'size-not-whole',
    what: `${what} is not a whole number of ${unit.asString().slice(1)}B`,
    got: size?.asString(),
    fix: `give a multiple of ${unit.asString()}`,
  });
}

function checkLimit<T>(
  what: string, { request, limit }: { readonly request?: T; readonly limit?: T } = {}, amountOf: (one: T) => number, textOf: (one: T) => string,
): Problem[] {
  return request === undefined || limit === undefined ? [] : checkThat(!(amountOf(request) > amountOf(limit)), {
    code: 'request-over-limit', what: `${what}.request is more than ${what}.limit`, got: textOf(request), fix: `expected at most ${textOf(limit)}`,
  });
}

function kibibytes(size: Size): number {
  return size.toKibibytes({ rounding: SizeRoundingBehavior.NONE });
}
