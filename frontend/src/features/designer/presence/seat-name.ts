import type { Seat } from '@/shared/live/messages';

export function seatName(seat: Seat): string {
  return seat.name === '' ? seat.login : seat.name;
}
