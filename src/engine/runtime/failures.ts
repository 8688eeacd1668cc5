import { AppError } from '../../contract/errors.ts';

/** How drivers and the runtime say that a device is gone. */
const lost =
  /device (was |is |has been )?(lost|removed|hung|reset)|DXGI_ERROR_DEVICE_(REMOVED|HUNG|RESET)|cuda(?: driver)? (?:error|failure)|CUDA_ERROR_(?!OUT_OF_MEMORY)/i;
/** How they say that memory ran out. */
const memory =
  /out of memory|bad_?alloc|bad allocation|failed to allocate|not enough memory|CUDA_ERROR_OUT_OF_MEMORY|E_OUTOFMEMORY|array buffer allocation failed/i;

/**
 * What a step of a program failed with, by code where the cause is known.
 * @param provider what it ran on: a processor is never lost
 */
export function explained(error: unknown, provider: string): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if (memory.test(error.message)) return new AppError('memory.out', {}, { cause: error });
  if (provider !== 'cpu' && lost.test(error.message)) return new AppError('gpu.lost', {}, { cause: error });
  return error;
}
