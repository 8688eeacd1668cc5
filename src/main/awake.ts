import type { Electron } from './electron.ts';

/** Keeps the computer awake while that is wanted and it is plugged in. */
export function keepAwake({
  powerMonitor,
  powerSaveBlocker,
}: Pick<Electron, 'powerMonitor' | 'powerSaveBlocker'>): (isWanted: boolean) => void {
  let isWanted = false;
  let blocker: number | undefined;
  const look = (): void => {
    const is = isWanted && !powerMonitor.isOnBatteryPower();
    if (is && blocker === undefined) blocker = powerSaveBlocker.start('prevent-app-suspension');
    if (!is && blocker !== undefined) {
      powerSaveBlocker.stop(blocker);
      blocker = undefined;
    }
  };
  powerMonitor.on('on-ac', look);
  powerMonitor.on('on-battery', look);
  return (is) => {
    isWanted = is;
    look();
  };
}
