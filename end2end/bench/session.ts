// How even the frames are while a session of a hundred thousand requests is scrolled, beside what
// the browser makes of the same rows as a plain table of a thousand.

import { test } from "../support/fixtures";
import { frames, longest, ofFrames, report } from "../support/measure";

test("a long session", async ({ page, baseURL, request }) => {
  const { id, requests } = await longest(request);
  const figures: Record<string, number> = { browser_session_requests: requests };
  const begun = Date.now();
  await page.goto(`${baseURL}/sessions/${id}`);
  const rows = page.locator(".request .request__code");
  await rows.first().waitFor();
  figures.browser_session_first_rows_ms = Date.now() - begun;
  await page.waitForTimeout(500);
  const box = page.viewportSize()!;
  await page.mouse.move(box.width * 0.6, box.height * 0.7);
  // The wheel, as fast as it is turned.
  const turned = () =>
    frames(page, async () => {
      for (let turn = 0; turn < 150; turn++) {
        await page.mouse.wheel(0, 240);
        await page.waitForTimeout(10);
      }
    });
  const wheel = await turned();
  // The scroll bar, dragged from one end to the other in three seconds.
  const dragged = await frames(page, () =>
    page.evaluate(async () => {
      const height = document.body.scrollHeight - window.innerHeight;
      const begun = performance.now();
      for (let along = 0; along < 1; ) {
        await new Promise(requestAnimationFrame);
        along = Math.min(1, (performance.now() - begun) / 3_000);
        window.scrollTo(0, height * along);
      }
    }),
  );
  await rows.first().waitFor();
  await page.evaluate(() => {
    const track = document.querySelector<HTMLElement>(".requests__track")!;
    const plain = track.cloneNode(true) as HTMLElement;
    const table = plain.querySelector("table")!;
    const bodies = [...table.querySelectorAll("tbody")];
    while (table.rows.length < 1_000) table.append(...bodies.map((body) => body.cloneNode(true)));
    plain.style.paddingBlock = "0";
    track.replaceWith(plain);
    window.scrollTo(0, 0);
  });
  await page.waitForTimeout(500);
  const plain = await turned();
  report({ ...figures, ...ofFrames({ session_wheel: wheel, session_scroll_bar: dragged, plain_table_wheel: plain }) });
});
