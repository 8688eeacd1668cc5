import { engineCalls } from '../../src/contract/engine-calls.ts';
import { handlers } from '../../src/engine/handlers.ts';
import { createServices } from '../../src/engine/jobs/default-services.ts';
import { channels } from '../../src/rpc/channels.ts';
import { runChild } from '../../src/rpc/child.ts';
import { serve } from '../../src/rpc/serve.ts';
import { twins } from '../engine/support/twin.ts';

// The engine's process with small networks in place of those that ship: it does all that the engine does, in less time.
const { port, onError } = runChild();
const jobs = handlers({ ...createServices(), ...twins });
channels(port).onOpen((_name, corePort) => serve(engineCalls, jobs, corePort, { onError }));
