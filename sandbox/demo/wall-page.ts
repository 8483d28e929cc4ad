const LOGO =
  '<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9"/>' +
  '<path d="M16 6a7 7 0 0 0-7 7v5l-2 3.5h18L23 18v-5a7 7 0 0 0-7-7zm-3 18a3 3 0 0 0 6 0z"/></svg>';

/** The page of the phone wall, empty; its script draws what `/events` tells. */
export const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Phone wall</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/wall.css" />
    <script src="/wall.js" type="module"></script>
  </head>
  <body>
    <header class="bar">
      <h1>${LOGO} Phone wall</h1>
      <span class="soft wide">temporal-escalations</span>
      <span id="level" class="pill wide"></span>
      <button id="play" class="go" type="button">Play the story</button>
    </header>
    <section class="story" aria-label="The story">
      <ol id="steps"></ol>
      <p id="hint" role="status"><span>Connecting…</span></p>
    </section>
    <main>
      <section id="people" class="people" aria-label="Phones"></section>
      <aside>
        <section id="incident" class="panel" aria-label="Incident"></section>
        <section class="panel tools">
          <nav id="tools-tabs" class="tabs" aria-label="Tools"></nav>
          <div id="tool-faults" class="tool"></div>
          <div id="tool-incidents" class="tool" hidden></div>
          <form id="tool-new" class="tool" hidden>
            <label>Title <input name="title" required maxlength="512" value="checkout is slow" /></label>
            <div class="pair">
              <label>Severity <select name="severity"><option>Critical</option><option>Warning</option><option>Info</option></select></label>
              <label>Channel <select name="channel"></select></label>
            </div>
            <button class="go">Open the incident</button>
            <p class="note" role="status"></p>
          </form>
          <ol id="tool-traffic" class="tool traffic" hidden></ol>
        </section>
      </aside>
    </main>
    <a id="rings" class="rings" hidden></a>
    <p id="lost" class="lost" role="alert" hidden>The demo does not answer. Start it again; this page finds it by itself.</p>
    <noscript><p class="lost">The phone wall needs JavaScript. The incident page, which people on call get, does not.</p></noscript>
  </body>
</html>
`;
