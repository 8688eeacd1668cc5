import { select, stripPrefix, zeros } from '../nn/tree.ts';
import type { Program, StepInputs, StepOutputs, Tree, TreeSpec } from '../nn/types.ts';
import { valueAndGradients } from '../optim/gradients.ts';
import { optimizerNames, optimizers } from '../optim/registry.ts';
import { scalar, scalarSpec } from '../optim/scalar.ts';
import { riseAndCosine, scheduleOf, type Moment, type Schedule } from '../optim/schedules.ts';
import { bindObjective, onlineBackbone } from './objective.ts';
import { choiceOf, numberOf } from './settings.ts';
import type { AdaptContext, AdaptProgram, Objective } from './types.ts';

const groups = ['backbone', 'heads'] as const;
const groupOf = (name: string): string => (name.startsWith(onlineBackbone) ? 'backbone' : 'heads');

/** Builds the program of a method: pictures, forward passes, gradients, optimizer, moving average, schedule. */
export function adaptProgram(objective: Objective, context: AdaptContext): AdaptProgram {
  const { backbone, settings } = context;
  const optimizer = optimizers[choiceOf(settings, 'optimizer', optimizerNames)]();
  const warmUpEpochs = numberOf(settings, 'warmUpEpochs');
  const scheduleAt = (moment: Moment): Schedule => scheduleOf(moment, warmUpEpochs);
  const bound = bindObjective(objective, context);
  const signature: StepInputs<TreeSpec> = {
    state: { ...bound.state, ...optimizer.slots(bound.trained) },
    batch: bound.batch,
    hyper: {
      ...optimizer.hyperSpec(groups),
      ...Object.fromEntries(Object.keys(objective.hyper(0, { total: 1, warmUp: 0 })).map((name) => [name, scalarSpec])),
    },
    random: objective.random,
  };

  function step(held: boolean, inputs: StepInputs<Tree>): StepOutputs<Tree> {
    const { state, hyper } = inputs;
    const trained = select(state, (name) => name in bound.trained && !(held && groupOf(name) === 'backbone'));
    const { loss, extra, gradients } = valueAndGradients(trained, bound.lossOf(inputs, held));
    const updated = optimizer.update(state, gradients, state, hyper, groupOf);
    return {
      state: { ...updated, ...bound.follow(state, updated, hyper), ...stripPrefix(extra, 'updates.') },
      metrics: { loss, ...stripPrefix(extra, 'metrics.') },
    };
  }

  const inWarmUp = (moment: Moment): boolean => moment.step < scheduleAt(moment).warmUp;
  const rateShare = (moment: Moment): number => {
    const { total, warmUp } = scheduleAt(moment);
    return moment.step < warmUp ? 1 : riseAndCosine(moment.step - warmUp, total - warmUp);
  };
  const learningRate = (moment: Moment): number =>
    inWarmUp(moment) ? 0 : numberOf(settings, 'learningRate') * rateShare(moment);
  const warmUp: Program = {
    name: `${objective.name}-heads-${backbone.name}`,
    signature,
    step: (inputs) => step(true, inputs),
  };
  return {
    name: `${objective.name}-${backbone.name}`,
    signature,
    statistics: choiceOf(settings, 'statistics', ['frozen', 'batch']),
    step: (inputs) => step(false, inputs),
    warmUp,
    inWarmUp,
    learningRate,
    initialState: (weights, random, teacher) => ({
      ...bound.initialState(weights, random, teacher),
      ...zeros(optimizer.slots(bound.trained)),
    }),
    hyper(moment) {
      const schedule = scheduleAt(moment);
      const weightDecay = numberOf(settings, 'weightDecay');
      const extra = objective.hyper(moment.step, schedule);
      return {
        ...optimizer.hyper('backbone', {
          rate: learningRate(moment),
          weightDecay,
          step: Math.max(0, moment.step - schedule.warmUp + 1),
        }),
        ...optimizer.hyper('heads', {
          rate: numberOf(settings, 'headRate') * rateShare(moment),
          weightDecay,
          step: moment.step + 1,
        }),
        ...Object.fromEntries(Object.entries(extra).map(([name, value]) => [name, scalar(value)])),
      };
    },
    random: (generator) => objective.draw(generator),
    backboneOf: (state) => stripPrefix(state, onlineBackbone),
  };
}
