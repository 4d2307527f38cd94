// SPDX-License-Identifier: Apache-2.0

// renew has the middleware set new cookies, if it is time. Several calls at once are one.
let renewing;
function renew() {
  renewing ??= fetch("/renew").finally(() => { renewing = undefined; schedule(); });
  return renewing;
}

// schedule comes back before the cookies expire. The hint says when they do; they
// themselves cannot be read by scripts.
let timer;
function schedule() {
  const until = Number(document.cookie.match(/(?:^|; )cdn-until=(\d+)/)?.[1]);
  const left = until * 1000 - Date.now();
  clearTimeout(timer);
  if (left > 0) timer = setTimeout(renew, Math.min(left * 0.6, 2 ** 31 - 1));
}
schedule();

// refuse shows why there is no picture: the status of the CDN, or 0 if it does not answer.
function refuse(figure, status) {
  figure.dataset.why = status === 403 ? "not for you" : "not available";
  figure.classList.add("refused");
}

// A picture that fails is asked for once more with new cookies: those that the page
// was opened with may have expired while it was in the background.
function watch(image) {
  const original = image.src;
  let tries = 0;
  const failed = async () => {
    const status = await get(original).then(response => response.status, error => error.status ?? 0);
    if (status !== 200 || tries++ > 0) return refuse(image.parentNode, status);
    image.again();
  };
  image.onerror = failed;
  image.onload = () => { tries = 0; image.parentNode.classList.remove("refused"); };
  if (image.complete && image.naturalWidth === 0) failed();
  image.again = () => { image.src = `${original}?again=${Date.now()}`; }; // not from the cache
}
document.querySelectorAll("img").forEach(watch);

// get fetches from the CDN with the cookies, once more with new ones if it must.
async function get(url) {
  let response = await fetch(url, { credentials: "include" });
  if (response.status === 403) {
    await renew();
    response = await fetch(url, { credentials: "include" });
  }
  if (!response.ok) throw Object.assign(new Error(`${response.status} for ${url}`), { status: response.status });
  return response;
}

// play puts a film together from its segments. A player such as hls.js does it
// better; it has to send the cookies too (xhr.withCredentials).
async function play(video) {
  const playlist = video.dataset.playlist;
  const lines = (await (await get(playlist)).text()).split("\n");
  const map = lines.map(line => line.match(/^#EXT-X-MAP:URI="(.*)"/)?.[1]).find(Boolean);
  const segments = [map, ...lines.filter(line => line && !line.startsWith("#"))];
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise(done => source.addEventListener("sourceopen", done, { once: true }));
  const buffer = source.addSourceBuffer('video/mp4; codecs="avc1.4d401f"');
  for (const segment of segments) {
    const data = await (await get(new URL(segment, playlist))).arrayBuffer();
    const appended = new Promise((done, failed) => { buffer.onupdateend = done; buffer.onerror = failed; });
    buffer.appendBuffer(data);
    await appended;
  }
  source.endOfStream();
  video.dataset.state = "loaded";
}
for (const video of document.querySelectorAll("video")) {
  play(video).catch(error => {
    video.dataset.state = "refused";
    video.dataset.error = error.message;
    refuse(video.parentNode, error.status ?? 0);
  });
}
