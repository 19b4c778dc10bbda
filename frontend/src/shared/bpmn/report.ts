// What became of each element of a file.

/** Read; read with a change; kept in the document and written back, but not run; gone. */
export type Outcome = 'read' | 'changed' | 'kept' | 'lost';

export interface ReportLine {
  outcome: Outcome;
  /** As BPMN files write it, "serviceTask". */
  element: string;
  name: string;
  /** In the file. */
  id?: string;
  /** In the document. */
  node?: string;
  /** A key of the texts of interchange, below "line". */
  key: string;
  params?: Readonly<Record<string, string | number>>;
}

/** A process of the file that can be read, with the diagrams that show it. */
export interface Readable {
  process: number;
  name: string;
  id: string;
  steps: number;
  diagrams: readonly { index: number; name: string }[];
}

export interface Choice {
  process: number;
  diagram: number | undefined;
}
