// A clock that jumps: SIGUSR2 adds what FAULT_CLOCK_JUMP_MS says to what Date says from then on, FAULT_CLOCK_START_MS sets it.
const RealDate = Date;
let shift = process.env.FAULT_CLOCK_START_MS ? Number(process.env.FAULT_CLOCK_START_MS) - RealDate.now() : 0;
process.on('SIGUSR2', () => {
  shift += Number(process.env.FAULT_CLOCK_JUMP_MS ?? 0);
});
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length === 0 ? [RealDate.now() + shift] : args));
  }
  static now() {
    return RealDate.now() + shift;
  }
};
