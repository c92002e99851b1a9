"use strict";
// A chat window over the control API. Everything that comes from a message is set as text, never as HTML.
let view = { users: [], chats: [], bot: {}, commands: {} }, version = -1;
let person = null, chat = null, topic = null, replying = null, editing = null, inlineQuery = null;
const seen = new Map();  // chat id → messages that were looked at
const $ = (id) => document.getElementById(id);
const colours = ["#e17076", "#7bc862", "#65aadd", "#a695e7", "#ee7aae", "#6ec9cb", "#faa774"];

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== false && value !== undefined) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((c) => c !== null && c !== undefined));
  return element;
}
async function ask(path, options) {
  const response = await fetch(`/_control/${path}`, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error || response.status);
  return body;
}
const act = (deed, values) =>
  ask(`do/${deed}`, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(values) })
    .catch((error) => toast(error.message));
function toast(text, alert = false) {
  $("toast").textContent = text;
  $("toast").className = alert ? "alert" : "";
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { $("toast").textContent = ""; }, alert ? 6000 : 3000);
}
const face = (id, name) => {
  const circle = make("span", { class: "face" }, [...(name || "?")][0]);
  circle.style.background = colours[Math.abs(id) % colours.length];
  return circle;
};
const current = () => view.chats.find((c) => c.id === chat);
const nameOf = (user) => [user.first_name, user.last_name].filter(Boolean).join(" ");

// Entities, counted in UTF-16 units as JavaScript's strings are.
function formatted(text, entities = []) {
  const body = make("div", { class: "body" });
  const build = (target, start, end, rest) => {
    let at = start;
    while (rest.length) {
      const [first, ...others] = rest;
      const stop = Math.min(first.offset + first.length, end);
      if (first.offset < at) { rest = others; continue; }
      target.append(text.slice(at, first.offset));
      const inner = others.filter((e) => e.offset < stop);
      const element = entityElement(first, text.slice(first.offset, stop));
      build(element, first.offset, stop, inner);
      target.append(element);
      // The line break that ends a block is the block's own.
      at = /^(blockquote|pre)$/i.test(element.tagName) && text[stop] === "\n" ? stop + 1 : stop;
      rest = others.filter((e) => e.offset >= stop);
    }
    target.append(text.slice(at, end));
  };
  build(body, 0, text.length, [...entities]);
  return body;
}
function entityElement(entity, words) {
  const outside = { target: "_blank", rel: "noopener noreferrer" };
  switch (entity.type) {
    case "bold": return make("b");
    case "italic": return make("i");
    case "underline": return make("u");
    case "strikethrough": return make("s");
    case "code": return make("code");
    case "pre": return make("pre");
    case "spoiler": return make("span", { class: "spoiler", onclick: (e) => e.currentTarget.classList.add("open") });
    case "blockquote": return make("blockquote");
    case "expandable_blockquote":
      return make("blockquote", { class: "long", onclick: (e) => e.currentTarget.classList.toggle("open") });
    case "text_link": return make("a", { href: safe(entity.url), title: entity.url, ...outside });
    case "url": return make("a", { href: safe(words), ...outside });
    case "email": return make("a", { href: `mailto:${words}` });
    case "bot_command": return make("span", { class: "command", onclick: () => say(words) });
    case "mention": case "hashtag": case "text_mention": return make("span", { class: "command" });
    default: return make("span");
  }
}
const safe = (url) => (/^(https?|tg):\/\//i.test(url) ? url : `http://${url}`);

function bubble(message) {
  const mine = message.from.id === person;
  const box = make("div", { class: "bubble" });
  if (!mine && current().type !== "private") box.append(make("div", { class: "who" }, nameOf(message.from)));
  if (message.via_bot) box.append(make("div", { class: "who" }, `عبر ‎@${message.via_bot.username}`));
  if (message.forward_origin) {
    box.append(make("div", { class: "who" }, `محوّلة من ${nameOf(message.forward_origin.sender_user)}`));
  }
  if (message.reply_to_message && !message.reply_to_message.forum_topic_created) {
    const to = message.reply_to_message;
    box.append(make("div", { class: "quoted", dir: "auto", onclick: () => show(to.message_id) }, to.text || to.caption || "مرفق"));
  }
  if (message.photo) {
    const last = message.photo.at(-1);
    box.append(make("img", { src: `/_control/file/${last.file_id}`, alt: "صورة" }));
  }
  if (message.document) {
    const { file_id, file_name, file_size } = message.document;
    box.append(make("a", { class: "file", href: `/_control/file/${file_id}`, download: file_name }, make("i", {}, "⬇"),
      make("span", {}, make("bdi", {}, file_name), make("small", {}, `${Math.max(1, Math.round(file_size / 1024))} KB`))));
  }
  if (message.voice) box.append(make("div", {}, "🎤 رسالة صوتية"));
  if (message.sticker) box.append(make("div", {}, "🙂 ملصق"));
  const text = message.text ?? message.caption;
  if (text) box.append(formatted(text, message.entities ?? message.caption_entities));
  const reactions = Object.values(message.reactions).flat().join(" ");
  const clock = new Date(message.date * 1000).toLocaleTimeString("ar-IQ-u-nu-latn", { hour: "2-digit", minute: "2-digit" });
  box.append(make("div", { class: "time" }, reactions ? make("span", {}, reactions) : null,
    make("span", {}, (message.edit_date ? "معدّلة " : "") + clock)));
  const row = make("div", { class: `message${mine ? " mine" : ""}`, id: `m${message.message_id}` }, box);
  for (const keys of message.reply_markup?.inline_keyboard ?? []) {
    row.append(make("div", { class: "keys" }, ...keys.map((key) => keyElement(key, message))));
  }
  row.append(make("div", { class: "tools" },
    make("button", { title: "Reply", onclick: () => { replying = message; editing = null; drawReply(); $("text").focus(); } }, "↩"),
    make("button", { title: "React", onclick: () => act("react", { chat, message: message.message_id, user: person, emoji: "👍" }) }, "👍"),
    mine && message.text ? make("button", { title: "Edit", onclick: () => startEdit(message) }, "✎") : null,
    make("button", { title: "Forward to the bot's private chat", onclick: () => forward(message) }, "↪"),
    mine ? make("button", { title: "Delete", onclick: () => act("delete", { chat, message: message.message_id }) }, "🗑") : null));
  return row;
}
function keyElement(key, message) {
  if (key.url) return make("a", { href: safe(key.url), dir: "auto", title: key.url, target: "_blank", rel: "noopener noreferrer" }, `${key.text} ↗`);
  if (key.copy_text) {
    return make("button", { title: key.copy_text.text, onclick: async () => {
      await navigator.clipboard.writeText(key.copy_text.text);
      toast(`نُسخ:\n${key.copy_text.text}`);
    } }, `${key.text} ⧉`);
  }
  const inlineText = key.switch_inline_query_current_chat ?? key.switch_inline_query;
  if (inlineText !== undefined) {
    return make("button", { onclick: () => { $("text").value = `@${view.bot.username} ${inlineText}`; typed(); } }, `${key.text} ⇄`);
  }
  return make("button", { onclick: async (event) => {
    const button = event.currentTarget;
    button.setAttribute("aria-busy", "true");
    const index = message.reply_markup.inline_keyboard.flat().indexOf(key);
    const query = await act("press", { chat, message: message.message_id, button: index, user: person });
    for (let tries = 0; query && tries < 60; tries++) {
      const { answer } = await ask(`query?id=${query.id}`);
      if (answer) {
        if (answer.text) toast(answer.text, String(answer.show_alert) === "true");
        if (answer.url) window.open(answer.url, "_blank", "noopener");
        break;
      }
      await new Promise((resolve) => { setTimeout(resolve, 150); });
    }
    button.removeAttribute("aria-busy");
  } }, key.text);
}
const show = (id) => document.getElementById(`m${id}`)?.scrollIntoView({ block: "center", behavior: "smooth" });
const forward = (message) => act("forward", { chat: person, user: person, from_chat: chat, message: message.message_id });
function startEdit(message) {
  [editing, replying] = [message, null];
  $("text").value = message.text;
  drawReply();
  $("text").focus();
}

// Drawing
function drawNavigation() {
  const people = view.users.filter((u) => !u.is_bot && u.id > 1);
  person ??= people[0]?.id ?? null;
  chat ??= person;
  $("people").replaceChildren(...people.map((u) =>
    make("button", { class: `row${u.id === person ? " on" : ""}`, onclick: () => become(u.id) }, face(u.id, u.first_name),
      make("span", {}, u.first_name, make("small", {}, u.last_name ?? "")))));
  const mine = view.chats.filter((c) => c.type !== "private" || c.id === person);
  if (person !== null && !mine.some((c) => c.id === person)) mine.unshift({ id: person, type: "private", messages: [] });
  mine.sort((a, b) => b.id - a.id);
  $("chats").replaceChildren(...mine.map((c) => {
    const last = c.messages.at(-1);
    const fresh = c.messages.length - (seen.get(c.id) ?? 0);
    return make("button", { class: `row${c.id === chat ? " on" : ""}`, onclick: () => { chat = c.id; topic = null; draw(); } },
      face(c.type === "private" ? view.bot.id : c.id, c.type === "private" ? view.bot.first_name : c.title),
      make("span", {}, c.type === "private" ? view.bot.first_name : c.title,
        make("small", { dir: "auto" }, last ? (last.text ?? last.caption ?? "مرفق") : "")),
      fresh > 0 && c.id !== chat ? make("b", { class: "new" }, fresh) : null);
  }));
}
function become(id) {
  if (chat === person) chat = id;
  person = id;
  draw();
}
function draw() {
  drawNavigation();
  const now = current();
  seen.set(chat, now?.messages.length ?? 0);
  const isPrivate = (now?.type ?? "private") === "private";
  $("title").replaceChildren(isPrivate ? view.bot.first_name ?? "" : now.title,
    make("small", {}, now?.typing ? "يكتب…" : isPrivate ? `‎@${view.bot.username} · بوت` : "مجموعة، البوت في وضع الخصوصية"));
  const topics = Object.entries(now?.topics ?? {});
  $("topics").replaceChildren(...(topics.length ? [[null, "الكل"], ...topics] : []).map(([id, name]) =>
    make("button", { class: String(topic) === String(id) ? "on" : "", onclick: () => { topic = id === null ? null : Number(id); draw(); } }, name)));
  const box = $("messages"), atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 120;
  const shown = (now?.messages ?? []).filter((m) => topic === null || m.message_thread_id === topic);
  const rows = shown.map((m) => (m.forum_topic_created ? make("div", { class: "note" }, `الموضوع: ${m.forum_topic_created.name}`) : bubble(m)));
  if (now?.draft && isPrivate) {
    rows.push(make("div", { class: "message draft" }, make("div", { class: "bubble" }, formatted(now.draft.text || "…", now.draft.entities))));
  } else if (now?.typing) rows.push(make("div", { class: "typing" }, "يكتب "));
  if (!shown.length && isPrivate) {
    rows.push(make("div", { class: "hello" }, view.description || "ماذا يستطيع هذا البوت؟",
      make("div", {}, make("button", { onclick: () => say("/start") }, "ابدأ"))));
  }
  if (now?.blocked) rows.push(make("div", { class: "note" }, "حظر هذا المستخدم البوت"));
  box.replaceChildren(...rows);
  if (atEnd || draw.chat !== chat) {
    const down = () => { box.scrollTop = box.scrollHeight; };
    down();
    for (const image of box.querySelectorAll("img")) image.addEventListener("load", down, { once: true });
  }
  draw.chat = chat;
}
function drawReply() {
  const about = replying ?? editing;
  $("reply").replaceChildren(...(about ? [`${editing ? "تعديل" : "ردّ على"}: ${(about.text ?? about.caption ?? "مرفق").slice(0, 90)} `,
    make("button", { onclick: () => { if (editing) $("text").value = ""; replying = editing = null; drawReply(); } }, "✕")] : []));
}

// Writing
async function say(text) {
  if (!text.trim()) return;
  if (editing) await act("edit", { chat, message: editing.message_id, text });
  else await act("user_says", { chat, user: person, text, reply_to: replying?.message_id ?? null, thread: topic });
  replying = editing = null;
  drawReply();
}
function send() {
  const text = $("text").value;
  $("text").value = "";
  typed();
  say(text);
}
async function upload(file, as) {
  const form = new FormData();
  for (const [name, value] of Object.entries({ chat, user: person, as, caption: $("text").value })) form.append(name, value);
  if (topic !== null) form.append("thread", topic);
  form.append("file", file, file.name);
  $("text").value = "";
  await ask("upload", { method: "POST", body: form }).catch((error) => toast(error.message));
}
function typed() {
  const text = $("text");
  text.style.height = "auto";
  text.style.height = `${text.scrollHeight}px`;
  clearTimeout(typed.timer);
  const prefix = `@${view.bot.username} `;
  if (text.value.startsWith(prefix) && current()?.type === "private") {
    typed.timer = setTimeout(() => searchInline(text.value.slice(prefix.length)), 400);
  } else if (text.value === "@") text.value = prefix;
  else $("inline").replaceChildren();
}
async function searchInline(text) {
  const query = inlineQuery = await act("inline", { user: person, text, chat_type: "sender" });
  for (let tries = 0; tries < 60 && query === inlineQuery; tries++) {
    const { answer } = await ask(`query?id=${query.id}`);
    if (answer) {
      $("inline").replaceChildren(...answer.results.map((r) => make("button", { onclick: () => {
        act("choose", { query_id: query.id, result_id: r.id, chat });
        $("text").value = "";
        $("inline").replaceChildren();
      } }, r.title ?? r.text, make("small", {}, r.description ?? ""))));
      return;
    }
    await new Promise((resolve) => { setTimeout(resolve, 150); });
  }
}
function commands() {
  const kind = current()?.type ?? "private", all = kind === "private" ? "all_private_chats" : "all_group_chats";
  const language = view.users.find((u) => u.id === person)?.language_code ?? "";
  const scopes = [`["chat_member", "${chat}", "${person}"]`, `["chat", "${chat}"]`, `["${all}"]`, '["default"]'];
  for (const scope of scopes) {
    for (const code of [language, ""]) {
      const found = view.commands[`${scope}|${code}`];
      if (found) return found;
    }
  }
  return [];
}
$("menu").addEventListener("click", () => {
  if ($("inline").childElementCount) { $("inline").replaceChildren(); return; }
  $("inline").replaceChildren(...commands().map((c) => make("button", { onclick: () => {
    $("inline").replaceChildren();
    say(`/${c.command}`);
  } }, `/${c.command}`, make("small", {}, c.description))));
});
$("composer").addEventListener("submit", (event) => { event.preventDefault(); send(); });
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
});
$("text").addEventListener("input", typed);
for (const [id, as] of [["file", "document"], ["picture", "photo"]]) {
  $(id).addEventListener("change", (event) => {
    for (const file of event.target.files) upload(file, as);
    event.target.value = "";
  });
}
$("voice").addEventListener("click", () => act("voice", { chat, user: person, thread: topic }));
$("sticker").addEventListener("click", () => act("sticker", { chat, user: person, thread: topic }));
$("messages").addEventListener("dragover", (event) => event.preventDefault());
$("messages").addEventListener("drop", (event) => {
  event.preventDefault();
  for (const file of event.dataTransfer.files) upload(file, "document");
});

// Faults and calls
const faults = [
  ["429", { retry_after: 3 }], ["502", { status: 502 }], ["بطيء 5s", { action: "none", delay: 5 }], ["قطع", { action: "drop" }],
  ["ضياع الجواب", { action: "accept_then_drop" }], ["403", { status: 403, description: "Forbidden: bot was blocked by the user" }],
];
$("faults").append(...faults.map(([name, values]) => make("button", { onclick: () =>
  ask("fault", { method: "POST", body: JSON.stringify({ method: "sendMessage", ...values }) }).then(() => toast(`sendMessage ← ${name}`)) }, name)),
  make("button", { onclick: () => act("block", { user: person }) }, "حظر البوت"),
  make("button", { onclick: () => ask("fault", { method: "DELETE" }).then(() => toast("لا أعطال")) }, "بلا أعطال"));
async function drawCalls() {
  if (!$("lab").open) return;
  const rows = await ask("calls?last=60");
  $("calls").replaceChildren(...rows.reverse().map((c) => make("li", { class: c.outcome === "ok" ? "" : "bad", title: JSON.stringify(c.parameters) },
    `${c.method} ${c.parameters.chat_id ?? ""} ${c.outcome}${c.seconds > 0.2 ? ` ${c.seconds.toFixed(1)}s` : ""}`)));
}
$("lab").addEventListener("toggle", drawCalls);

async function follow() {
  for (;;) {
    try {
      view = await ask(`view?since=${version}`);
      if (view.version !== version) { version = view.version; draw(); drawCalls(); }
    } catch {
      $("title").textContent = "الخادم متوقف";
      version = -1;
      await new Promise((resolve) => { setTimeout(resolve, 1000); });
    }
  }
}
// A draft and «typing…» end by themselves.
setInterval(() => { if (current()?.draft || current()?.typing) version = -1; }, 2000);
follow();
