/** Loaded before the server by scripts/run.mjs: when that process is gone, even by SIGKILL, the server is asked to stop. */
if (process.channel) {
  process.channel.unref();
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
}
