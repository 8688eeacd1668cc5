import { after, before, type TestOptions } from 'node:test';
import { startApp, type AppOptions, type Story } from './app.ts';
import { noWindow, startWindow } from './window.ts';

/**
 * Tells the stories of a file one after the other in a browser, and in the window where Electron's binary is there.
 * @param test as the file calls it: what it tells is then told of that file
 * @param ready what both are given before the first
 * @param options of the browser's; the window has the app as it ships
 */
export function stories(
  test: (title: string, options: TestOptions, run: () => Promise<void>) => void,
  ready: (app: Story) => void = () => {},
  options: AppOptions = {},
): (title: string, tell: (app: Story) => Promise<void>) => void {
  const runners = [
    { where: '', skip: false, start: () => startApp(options), app: undefined as Story | undefined },
    { where: ', in the window', skip: noWindow, start: startWindow, app: undefined as Story | undefined },
  ];
  before(async () => {
    for (const runner of runners) {
      if (runner.skip !== false) continue;
      runner.app = await runner.start();
      ready(runner.app);
    }
  });
  after(async () => {
    for (const { app } of runners) await app?.stop();
  });
  return (title, tell) => {
    for (const runner of runners) test(`${title}${runner.where}`, { skip: runner.skip }, () => tell(runner.app!));
  };
}
