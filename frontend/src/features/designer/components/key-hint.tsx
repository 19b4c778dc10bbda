// The keys of an action, as they are printed on a keyboard.

import { Kbd } from '@mantine/core';

import { keyNames } from '../model/action';
import { actionById } from '../model/registry';
import classes from './key-hint.module.css';

export function KeyHint({ action }: { action: string }) {
  const [keys] = actionById(action).keys;
  return keys === undefined ? null : <Keys keys={keys} />;
}

export function Keys({ keys }: { keys: string }) {
  return (
    <span className={classes.keys}>
      {keyNames(keys).map((name) => (
        <Kbd key={name} size="xs">
          {name}
        </Kbd>
      ))}
    </span>
  );
}
