/** Something that whoever runs the server should know. */
export interface Notice {
  level: 'info' | 'warning' | 'error';
  message: string;
}
