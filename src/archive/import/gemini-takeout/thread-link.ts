/** Id of the conversation that a link leads to: `https://gemini.google.com/app/4d2c…`. */
export function threadIn(link: string | undefined): string | undefined {
  return /^https:\/\/gemini\.google\.com\/(?:u\/\d+\/)?app\/([\w-]{1,80})/.exec(link ?? '')?.[1];
}
