// Why a file can't be read at all. The codes are keys of the texts of interchange.

export type FailureCode =
  | 'empty'
  | 'too_large'
  | 'too_deep'
  | 'too_many'
  | 'not_text'
  | 'encoding_unknown'
  | 'encoding_wrong'
  | 'doctype'
  | 'not_xml'
  | 'not_bpmn'
  | 'broken'
  | 'no_process'
  | 'too_long'
  | 'kept_broken';

export class UnreadableFile extends Error {
  readonly code: FailureCode;
  readonly params: Readonly<Record<string, string | number>>;

  constructor(code: FailureCode, params: Readonly<Record<string, string | number>> = {}) {
    super(code);
    this.name = 'UnreadableFile';
    this.code = code;
    this.params = params;
  }
}
