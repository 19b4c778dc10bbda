import { Anchor, type AnchorProps } from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import type { AnchorHTMLAttributes, Ref } from 'react';

interface Props extends Omit<AnchorProps, 'href'>, Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof AnchorProps> {
  ref?: Ref<HTMLAnchorElement>;
}

/** A link in running text to a place of the app, checked against the routes. */
export const AnchorLink = createLink(({ ref, ...props }: Props) => <Anchor ref={ref} {...props} />);
