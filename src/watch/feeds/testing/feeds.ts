/**
 * Feeds as they are written: AWS's items as published in grafana-infinity-datasource's documentation and in recorded feeds of 2016 to 2022; xAI's and
 * DeepSeek's as recorded in September 2026 by public programs that read them; Statuspage's history.atom as every such page writes it. Azure's items have
 * the members of the documented RSS feed. Words are our own.
 */
function rss(items: string, title = 'Status'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel><title>${title}</title><link>https://example.com</link><description/>${items}</channel></rss>`;
}

export const AWS_EMPTY = rss('', 'Amazon Bedrock (N. Virginia) Service Status');

export function awsFeed(...items: { state: string; title: string; at: string; epoch: number }[]): string {
  return rss(
    items
      .map(
        ({ state, title, at, epoch }) =>
          `<item><title><![CDATA[${state}: ${title}]]></title><link>http://status.aws.amazon.com/</link><pubDate>${at}</pubDate><guid isPermaLink="false">http://status.aws.amazon.com/#bedrock-us-east-1_${epoch}</guid><description><![CDATA[Some calls fail &amp; are <b>retried</b>.]]></description></item>`,
      )
      .join(''),
    'Amazon Bedrock (N. Virginia) Service Status',
  );
}

export function xaiItem(place: string, title: string, id: string, status: string, severity: string, at: string, resolved = ''): string {
  const over = resolved === '' ? '' : `<p>Resolved: ${resolved}</p>`;
  return `<item><title>[${place}] ${title}</title><link>https://status.x.ai/x/${id}</link><guid>${id}</guid><pubDate>${at}</pubDate><category>${severity}</category><description><![CDATA[<h3>Status: ${status}</h3><p>Severity: ${severity}</p>${over}<p>Something is said.</p>]]></description></item>`;
}

export function xaiFeed(...items: string[]): string {
  return rss(items.join(''), 'SpaceXAI System Status');
}

export const AZURE_ONE = rss(
  '<item><guid isPermaLink="false">AZ-1</guid><link>https://azure.status.microsoft/status</link><title>Trouble in East US</title><pubDate>Thu, 10 Sep 2026 08:00:00 Z</pubDate><description>&lt;p&gt;Customers of Azure OpenAI Service see errors.&lt;/p&gt;</description></item>',
  'Azure Status',
);

export const DEEPSEEK_ATOM = `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>DeepSeek</title>
<entry><title>网页/API 部分中断（Web/API Partially Unavailable）</title><updated>2026-09-22T01:00:00+08:00</updated><id>urn:flashduty:change:6985724403287</id><link href="https://status.deepseek.com/incidents/6985724403287" rel="alternate"></link><summary type="html">&lt;p&gt;&lt;strong&gt;Status:&lt;/strong&gt; investigating&lt;/p&gt;&lt;p&gt;We look into it.&lt;/p&gt;</summary></entry>
<entry><title>API 性能下降（API Degraded Performance）</title><updated>2026-08-01T10:00:00+08:00</updated><id>urn:flashduty:change:2</id><link href="https://status.deepseek.com/incidents/2" rel="alternate"></link><summary type="html">&lt;p&gt;&lt;strong&gt;Status:&lt;/strong&gt; resolved&lt;/p&gt;&lt;p&gt;All is well.&lt;/p&gt;</summary></entry></feed>`;

export const STATUSPAGE_ATOM = `<?xml version="1.0" encoding="UTF-8"?>
<feed xml:lang="en-US" xmlns="http://www.w3.org/2005/Atom"><id>tag:status.example.com,2005:/history</id><title>Example Status - Incident History</title><updated>2026-06-02T12:00:00Z</updated>
<entry><id>tag:status.example.com,2005:Incident/2</id><published>2026-06-02T06:04:59Z</published><updated>2026-06-02T10:42:00Z</updated><link rel="alternate" type="text/html" href="https://status.example.com/incidents/b"/><title>Errors on one model</title><content type="html">&lt;p&gt;&lt;small&gt;Jun &lt;var data-var='date'&gt;2&lt;/var&gt;, &lt;var data-var='time'&gt;10:42&lt;/var&gt; UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Monitoring&lt;/strong&gt; - A fix is out.&lt;/p&gt;&lt;p&gt;&lt;small&gt;Jun 2, 06:04 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Investigating&lt;/strong&gt; - It should be resolved soon.&lt;/p&gt;</content></entry>
<entry><id>tag:status.example.com,2005:Incident/1</id><published>2026-06-01T06:00:00Z</published><updated>2026-06-01T07:00:00Z</updated><link rel="alternate" type="text/html" href="https://status.example.com/incidents/a"/><title>Logins fail</title><content type="html">&lt;p&gt;&lt;small&gt;Jun 1, 07:00 UTC&lt;/small&gt;&lt;br&gt;&lt;strong&gt;Resolved&lt;/strong&gt; - This is over.&lt;/p&gt;</content></entry></feed>`;
