import { CLAUDE_TERMS } from '../providers/subscription.ts';

/** What Anthropic says about a plan's login, in our words, and what Understudy would do with it. Shown before anybody agrees. */
export const claudeTerms: readonly string[] = [
  "Anthropic's terms. The login of a Claude plan is meant for ordinary use of Claude Code and of Anthropic's other own programs. Anthropic does not " +
    'allow other developers to offer a claude.ai login, or to route requests through the credentials of Free, Pro or Max plans on behalf of their users. ' +
    'It has blocked programs that did, and it may act without notice. Understudy is no program of Anthropic’s. You would be running it yourself, for ' +
    'your own Claude Code on your own machine; whether the terms allow that is not said there, and they can be read against it. Read them, and if you ' +
    'are in doubt ask Anthropic before you say yes. With an API key the question does not arise.',
  `  ${CLAUDE_TERMS}`,
  '',
  'What Understudy would do: hand on the requests of your unmodified Claude Code, with their login, from this machine to https://api.anthropic.com and to ' +
    'nobody else, byte for byte. Where anything would have to be changed, it does not send them. The login is never kept, never written to a log, and ' +
    'never used for anything else. While Claude is down, others answer, with keys of yours and never with this login.',
];
