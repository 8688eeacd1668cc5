import { engineCalls } from '../contract/engine-calls.ts';
import { channels } from '../rpc/channels.ts';
import { runChild } from '../rpc/child.ts';
import { serve } from '../rpc/serve.ts';
import { handlers } from './handlers.ts';

// The engine process: one channel per life of core.
const { port, onError } = runChild();
const jobs = handlers();
channels(port).onOpen((_name, corePort) => serve(engineCalls, jobs, corePort, { onError }));
