/** How pressing a request is: a person waits for it; it was kept for a better time; it is one of a file of many. */
export type Priority = 'interactive' | 'normal' | 'batch';
