// Text that people wrote in markdown. Raw HTML stays text, pictures stay their captions: nothing is fetched for a remark.

import Markdown from 'markdown-to-jsx/react';
import type { ReactNode } from 'react';

import classes from './markdown.module.css';

function Link({ href, children }: { href?: string; children?: ReactNode }) {
  return (
    <a href={href} target="_blank" rel="noreferrer noopener" className="nodrag">
      {children}
    </a>
  );
}

function Picture({ alt }: { alt?: string }) {
  return <span>{alt}</span>;
}

const OPTIONS = { disableParsingRawHTML: true, forceBlock: true, overrides: { a: Link, img: Picture } };

export function MarkdownText({ text }: { text: string }) {
  return (
    <div className={classes.text}>
      <Markdown options={OPTIONS}>{text}</Markdown>
    </div>
  );
}
