import { lower } from '../compile/lower/lower.ts';
import { anyLength, TRACED_LENGTH } from '../compile/onnx/any-length.ts';
import type { OnnxModel, OnnxTensor } from '../compile/onnx/encode.ts';
import { unfoldablePads } from '../compile/onnx/pads.ts';
import { trace } from '../compile/trace.ts';
import type { HostTree, Program } from '../nn/types.ts';
import { explained } from './failures.ts';
import { checkTree } from './host.ts';
import { loadRuntime } from './telemetry.ts';

const INPUT = 'batch.';

/**
 * A program with its state inside, in standard operators alone, for any number of images: for runtimes other than ours.
 * Inputs and outputs have the names of the program's batch and metrics. What follows from the state is computed here,
 * so that no filter is moved and no statistic folded when the graph runs.
 * @param make the program for a number of images; it updates no state
 * @throws AppError `runtime.state` where the state does not fit
 */
export async function standalone(make: (images: number) => Program, state: HostTree): Promise<OnnxModel> {
  const program = make(TRACED_LENGTH);
  checkTree('state', state, program.signature.state);
  const { model, prologue, inputs, outputs } = lower(trace(program));
  const known = new Map(Object.entries(state).map(([key, tensor]) => [`state.${key}`, tensor]));
  const constants: OnnxTensor[] = inputs.flatMap(({ name, type }): OnnxTensor[] => {
    const tensor = known.get(name);
    return tensor ? [{ name, type, shape: tensor.shape, data: tensor.data }] : [];
  });
  if (prologue) {
    const ort = await loadRuntime();
    const session = await ort.InferenceSession.create(prologue.model, { logSeverityLevel: 3 });
    try {
      const feeds = prologue.inputs.map(({ name }) => {
        const { data, shape } = known.get(name) as HostTree[string];
        return [name, new ort.Tensor('float32', data as Float32Array, [...shape])] as const;
      });
      const made = await session.run(Object.fromEntries(feeds));
      for (const [name, { dims, data }] of Object.entries(made))
        constants.push({ name, type: 'float32', shape: dims, data: data as Float32Array });
    } catch (error) {
      throw explained(error, 'cpu');
    } finally {
      await session.release();
    }
  }
  const own = new Set(constants.map(({ name }) => name));
  const names = new Map([
    ...inputs.filter(({ name }) => name.startsWith(INPUT)).map(({ name }) => [name, name.slice(INPUT.length)] as const),
    ...outputs.map(({ key, name }) => [name, key.slice(key.indexOf('.') + 1)] as const),
  ]);
  const whole = unfoldablePads(model({}));
  const read = new Set(whole.nodes.flatMap((node) => node.inputs));
  const renamed = (name: string): string => names.get(name) ?? name;
  return anyLength(
    {
      ...whole,
      nodes: whole.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
      })),
      constants: [...whole.constants, ...constants].filter(({ name }) => read.has(name)),
      inputs: whole.inputs.filter(({ name }) => !own.has(name)).map((port) => ({ ...port, name: renamed(port.name) })),
      outputs: whole.outputs.map((port) => ({ ...port, name: renamed(port.name) })),
    },
    'images',
  );
}
