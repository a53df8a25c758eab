/** Chat has no flag for a tool that failed; the model is told in the text. */
export const ERROR_MARK = 'The tool failed:\n';

/** For a call whose result the client never sent: chat refuses a conversation with an open call. */
export const UNKNOWN_RESULT = 'Interrupted, the result is unknown.';
