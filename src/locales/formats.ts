/** How numbers and dates are written, by the name that asks for it; the same names in every language. */
export const numbers = {
  integer: { maximumFractionDigits: 0 },
  one: { maximumFractionDigits: 1, minimumFractionDigits: 0 },
  oneFixed: { minimumFractionDigits: 1, maximumFractionDigits: 1 },
  two: { minimumFractionDigits: 2, maximumFractionDigits: 2 },
  signed: { signDisplay: 'exceptZero', minimumFractionDigits: 1, maximumFractionDigits: 1 },
  percent: { style: 'percent', maximumFractionDigits: 0 },
  seconds: { style: 'unit', unit: 'second', unitDisplay: 'long', maximumFractionDigits: 0 },
  minutes: { style: 'unit', unit: 'minute', unitDisplay: 'long', maximumFractionDigits: 0 },
  hours: { style: 'unit', unit: 'hour', unitDisplay: 'long', maximumFractionDigits: 1 },
  kilobytes: { style: 'unit', unit: 'kilobyte', unitDisplay: 'short', maximumFractionDigits: 0 },
  megabytes: { style: 'unit', unit: 'megabyte', unitDisplay: 'short', maximumFractionDigits: 0 },
  gigabytes: { style: 'unit', unit: 'gigabyte', unitDisplay: 'short', maximumFractionDigits: 1 },
} as const;
export const dates = {
  minute: { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  time: { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' },
  moment: { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  full: {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'short',
  },
  day: { day: 'numeric', month: 'short', year: 'numeric' },
} as const;
