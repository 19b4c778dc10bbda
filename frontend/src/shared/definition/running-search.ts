// The search for what has not ended on a version, as the list of processes takes it from the address.

export function runningSearch(definition: string, version: number): { definition: string; version: number; state: string } {
  return { definition, version, state: 'running,incident,suspended,scheduled,cancelling' };
}
