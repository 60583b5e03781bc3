import { html, trusted, type Markup } from "./markup.ts";
import { pageFile, policyHash } from "./page-file.ts";

/**
 * The page that shows a run while it goes on: it reads the run's numbers from the event stream beside it, and loads nothing
 * else. `policy` goes into the header of the answer.
 */
export function watchPage(): { readonly html: string; readonly policy: string } {
  const style = pageFile("page.css") + pageFile("watch.css");
  const script = pageFile("watch-run.js");
  const policy = [
    "default-src 'none'",
    `style-src ${policyHash(style)}`,
    `script-src ${policyHash(script)}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
  // Whole elements: the policy knows exactly what is in them, and no space beside it.
  const elements = [
    trusted(`<style>${style}</style>`),
    trusted(`<script type="module">${script}</script>`),
  ] as const;
  return { html: pageOf(...elements), policy };
}

function pageOf(style: Markup, script: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>A run – poolferry</title>
        <link rel="icon" href="data:," />
        ${style}
      </head>
      <body>
        <header>
          <h1>A run while it goes on</h1>
          <p class="pool">run <code id="run">…</code> into the user pool <code id="pool">…</code></p>
        </header>
        <main>
          <p id="state" class="verdict" role="status">Waiting for the first numbers</p>
          <section aria-labelledby="users-heading">
            <h2 id="users-heading">Users</h2>
            <p class="amount">
              <strong id="settled">0</strong> of <span id="total">0</span> <span id="percent"></span>
            </p>
            <progress id="bar" max="1" value="0" aria-labelledby="users-heading"></progress>
            <dl class="facts">
              <div>
                <dt>Stage</dt>
                <dd id="stage">–</dd>
              </div>
              <div>
                <dt>Users a second</dt>
                <dd id="pace">–</dd>
              </div>
              <div>
                <dt>Time left</dt>
                <dd id="eta">–</dd>
              </div>
              <div>
                <dt>Failed</dt>
                <dd id="failed">0</dd>
              </div>
              <div>
                <dt>Skipped</dt>
                <dd id="skipped">0</dd>
              </div>
              <div>
                <dt>Rejected</dt>
                <dd id="rejected">0</dd>
              </div>
              <div>
                <dt>Follow-ups</dt>
                <dd id="follow-ups">–</dd>
              </div>
            </dl>
          </section>
          <section aria-labelledby="requests-heading">
            <h2 id="requests-heading">Requests a second</h2>
            <table class="compact">
              <thead>
                <tr>
                  <th scope="col">quota</th>
                  <th scope="col" class="number">now</th>
                  <th scope="col" class="number">allowed</th>
                </tr>
              </thead>
              <tbody id="rates">
                <tr>
                  <td colspan="3">none</td>
                </tr>
              </tbody>
            </table>
          </section>
          <section aria-labelledby="jobs-heading">
            <h2 id="jobs-heading">Import jobs under way</h2>
            <table class="compact">
              <thead>
                <tr>
                  <th scope="col">part</th>
                  <th scope="col">status</th>
                  <th scope="col" class="number">counted</th>
                  <th scope="col" class="number">users</th>
                </tr>
              </thead>
              <tbody id="jobs">
                <tr>
                  <td colspan="4">none</td>
                </tr>
              </tbody>
            </table>
          </section>
        </main>
        <footer>
          <p>
            As of <span id="at">–</span>. Served to this computer alone by <code>poolferry watch</code>, which
            only reads.
          </p>
        </footer>
        ${script}
      </body>
    </html> `.text;
}
