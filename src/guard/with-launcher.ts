/**
 * Loaded with `--import` by the launcher, which keeps a channel open to the process it starts. When the launcher is
 * killed without a chance to pass the signal on, the channel closes and this process ends too, instead of going on unseen.
 * Children of this process inherit the argument but not the parent, so nothing happens in them.
 */
if (process.channel && process.env['ACCLIMATE_LAUNCHER'] === String(process.ppid)) {
  process.once('disconnect', () => process.exit(1));
  process.channel.unref();
}
