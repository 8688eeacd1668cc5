import '../../guard/no-network.ts';
import { AppError } from '../../contract/errors.ts';
import { openModelFile } from './model-file.ts';
import { askSchema, type ModelReply } from './fresh-session.ts';

// Opens a model file in a process that knows nothing but the file, and tells what it says of some images.
process.once('message', (message) => {
  void answer(message).then((reply) => process.send?.(reply));
});

async function answer(message: unknown): Promise<ModelReply> {
  try {
    const { path, pixels } = askSchema.parse(message);
    const model = await openModelFile(path);
    const probabilities = Float32Array.from(await model.run(pixels));
    await model.close();
    return { probabilities, problem: null };
  } catch (error) {
    return { probabilities: null, problem: AppError.from(error).message };
  }
}
