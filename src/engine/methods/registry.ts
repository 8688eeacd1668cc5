import { AppError } from '../../contract/errors.ts';
import { autoencoder } from './autoencoder.ts';
import { barlowTwins } from './barlow-twins.ts';
import { bownet } from './bownet.ts';
import { byol } from './byol.ts';
import { colorization } from './colorization.ts';
import { dino } from './dino.ts';
import { distill } from './distill.ts';
import { jigsaw } from './jigsaw.ts';
import { obow } from './obow.ts';
import { relativePatch } from './relative-patch.ts';
import { rotation } from './rotation.ts';
import { simclr } from './simclr.ts';
import { simsiam } from './simsiam.ts';
import { supcon } from './supcon.ts';
import { swav } from './swav.ts';
import { vicreg } from './vicreg.ts';
import type { Method, Settings } from './types.ts';

/** Every method there is. `docs/adding-a-method.md` says how to add one. */
const table: Readonly<Record<string, Method>> = {
  byol,
  simsiam,
  simclr,
  swav,
  dino,
  supcon,
  'barlow-twins': barlowTwins,
  vicreg,
  obow,
  bownet,
  rotation,
  jigsaw,
  'relative-patch': relativePatch,
  colorization,
  autoencoder,
  distill,
};

export const methods: readonly Method[] = Object.values(table);

/** The method of that name. @throws AppError `method.unknown` */
export function method(name: string): Method {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (!found) throw new AppError('method.unknown', { method: name, known: Object.keys(table).join(', ') });
  return found;
}

/**
 * The settings of a method with what was chosen put over its defaults.
 * @throws AppError `method.setting` where a name is not declared, or a value is not of its kind or range
 */
export function settingsOf({ name: methodName, settings }: Method, chosen: Settings): Settings {
  const values: Record<string, Settings[string]> = {};
  for (const [name, { value }] of Object.entries(settings)) values[name] = value;
  for (const [name, value] of Object.entries(chosen)) {
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    const fits =
      setting &&
      typeof value === typeof setting.value &&
      (!setting.choices || setting.choices.includes(String(value))) &&
      (!setting.whole || Number.isInteger(value)) &&
      (!setting.range || (Number(value) >= setting.range[0] && Number(value) <= setting.range[1]));
    if (!fits) throw new AppError('method.setting', { method: methodName, setting: name, value: String(value) });
    values[name] = value;
  }
  return values;
}
