import { app, session, type WebContents } from 'electron';
import { pageOrigin } from './page.ts';

/** Chromium's own traffic off; names resolve nowhere. Must run before the app is ready. */
export function closeNetwork(): void {
  const switches: readonly (readonly [string, string?])[] = [
    ['disable-background-networking'],
    ['disable-component-update'],
    ['disable-domain-reliability'],
    ['disable-sync'],
    ['no-pings'],
    ['no-proxy-server'],
    ['host-resolver-rules', 'MAP * ~NOTFOUND'],
    [
      'disable-features',
      'OptimizationHints,MediaRouter,AutofillServerCommunication,CertificateTransparencyComponentUpdater',
    ],
  ];
  for (const [name, value] of switches) app.commandLine.appendSwitch(name, value);
}

/** No permission, no dictionary download, and no request but for the page itself. */
export function lockSession(): void {
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  defaultSession.setPermissionCheckHandler(() => false);
  defaultSession.setDevicePermissionHandler(() => false);
  defaultSession.setSpellCheckerEnabled(false);
  defaultSession.on('will-download', (event) => event.preventDefault());
  defaultSession.webRequest.onBeforeRequest((details, answer) => {
    answer({ cancel: !/^(?:acclimate:\/\/app\/|blob:acclimate:\/\/app\/|devtools:)/.test(details.url) });
  });
}

/** The page stays where it is: no navigation, no new window, no embedded page. */
export function lockContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    if (!event.url.startsWith(`${pageOrigin}/`)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
