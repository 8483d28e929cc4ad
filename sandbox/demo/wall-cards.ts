/**
 * The part of the phone wall's script that draws cards and chat messages. Feishu's are drawn from what was sent, as its
 * clients do; of all others the imitation says what a person sees.
 */
export const CARD_SCRIPT = String.raw`
// ---------------------------------------------------------------- cards as the imitation has drawn them

function drawFace(item, person) {
  const { face } = item;
  const head = face.title === '' ? '' : h('header', { class: 'paint', style: face.color && 'background: ' + face.color }, face.title);
  return h('div', { class: 'card' }, head,
    h('div', { class: 'body' },
      face.mentions.length > 0 ? h('p', { class: 'mentions' }, face.mentions.map((who) => '@' + nameOf(who) + ' ').join('')) : '',
      face.lines.map((line) => h('p', null, line)),
      face.controls.some(({ takesText }) => takesText) ? h('input', { class: 'words', 'aria-label': 'Text', maxlength: '1024' }) : '',
      h('div', { class: 'actions' },
        face.controls.map((control) => drawControl(control, item, person)),
        face.links.map(({ label, url }) =>
          h('a', { class: 'press default', href: /^https?:/i.test(url) ? url : undefined, target: '_blank', rel: 'noopener noreferrer' }, label)))));
}

function drawControl({ id, label, options, takesText }, item, person) {
  const words = (event) => (takesText ? { text: event.target.closest('.card').querySelector('.words').value } : {});
  if (!options) {
    return h('button', { type: 'button', class: 'press default', onclick: (event) => click(item, person, { control: id, ...words(event) }) }, label);
  }
  const pick = (event) => {
    const option = event.target.value;
    event.target.selectedIndex = 0;
    click(item, person, { control: id, option });
  };
  return h('select', { class: 'press default', onchange: pick, 'aria-label': label },
    h('option', { value: '' }, label),
    options.map((option) => h('option', { value: option.value }, option.label)));
}

/** Of a platform's id; nobody of ours: the id itself. */
const nameOf = (id) => wall.people.find(({ ids }) => ids.includes(id))?.title ?? id;

// ---------------------------------------------------------------- Feishu's cards, as their clients draw them

const plain = (text) => (typeof text === 'string' ? text : (text?.content ?? ''));

function drawCard(item, person) {
  const { card } = item;
  if (item.face) return drawFace(item, person);
  const body = card.schema === '2.0' ? card.body : card;
  return h('div', { class: 'card' },
    card.header ? h('header', { class: 'paint ' + (card.header.template ?? 'default') }, plain(card.header.title)) : '',
    h('div', { class: 'body' }, (body?.elements ?? []).map((element) => drawElement(element, item, person))));
}

function drawElement(element, item, person) {
  const all = (list) => (list ?? []).map((each) => drawElement(each, item, person));
  switch (element.tag) {
    case 'div':
      return h('div', { class: 'div' },
        element.text ? h('p', null, plain(element.text)) : '',
        element.fields ? h('div', { class: 'fields' }, element.fields.map(drawField)) : '',
        element.extra ? all([element.extra]) : '');
    case 'markdown':
      return h('p', { class: 'mentions' }, (element.content ?? '').replace(/<at id=(\w+)><\/at>/g, (_, id) => '@' + nameOf(id)));
    case 'input':
      return h('input', { class: 'words', 'aria-label': plain(element.placeholder), placeholder: plain(element.placeholder), maxlength: element.max_length });
    case 'plain_text':
      return h('p', null, element.content ?? '');
    case 'hr':
      return h('hr');
    case 'note':
      return h('div', { class: 'soft' }, all(element.elements));
    case 'action':
      return h('div', { class: 'actions' }, all(element.actions));
    case 'button':
      return drawButton(element, item, person);
    case 'select_static':
    case 'overflow':
      return drawPicker(element, item, person);
    default:
      return h('div', { class: element.tag === 'column_set' ? 'columns' : '' }, all(element.columns), all(element.elements));
  }
}

function drawField(field) {
  const words = plain(field.text);
  const cut = words.indexOf(': ');
  const parts = cut < 0 ? [words] : [h('span', { class: 'soft' }, words.slice(0, cut)), words.slice(cut + 2)];
  return h('p', { class: field.is_short ? 'short' : '' }, parts);
}

const callback = (element) => element.value ?? element.behaviors?.find((each) => each.type === 'callback')?.value;

function drawButton(element, item, person) {
  const url = element.url ?? element.behaviors?.find((each) => each.type === 'open_url')?.default_url;
  const look = { class: 'press ' + (element.type ?? 'default') };
  if (url) return h('a', { ...look, href: /^https?:/i.test(url) ? url : undefined, target: '_blank', rel: 'noopener noreferrer' }, plain(element.text));
  const words = (event) => element.action_type === 'form_submit' ? { text: event.target.closest('.card').querySelector('.words')?.value } : {};
  const go = (event) => click(item, person, { value: callback(element), ...words(event) });
  const ask = () => showSheet(person, { key: 'ask ' + item.id, draw: () => drawQuestion(element.confirm, person, go) });
  return h('button', { ...look, type: 'button', onclick: element.confirm ? ask : go }, plain(element.text));
}

function drawPicker(element, item, person) {
  const pick = (event) => {
    const option = event.target.value;
    event.target.selectedIndex = 0;
    click(item, person, { value: callback(element), option });
  };
  return h('select', { class: 'press default', onchange: pick, 'aria-label': plain(element.placeholder) },
    h('option', { value: '' }, plain(element.placeholder)),
    (element.options ?? []).map((option) => h('option', { value: String(option.value) }, plain(option.text))));
}

function drawQuestion(confirm, person, go) {
  const yes = (event) => { closeSheet(person); go(event); };
  return h('div', { class: 'question', role: 'alertdialog', 'aria-label': plain(confirm.title) },
    h('div', null,
      h('b', null, plain(confirm.title)),
      h('p', null, plain(confirm.text)),
      h('div', { class: 'actions' },
        h('button', { type: 'button', class: 'press default', onclick: () => closeSheet(person) }, 'Cancel'),
        h('button', { type: 'button', class: 'press primary', onclick: yes }, 'Confirm'))));
}

async function click(item, person, body) {
  const { toast, error } = await post('/cards/' + item.id + '/click', { person: actorIn(person), ...body });
  if (toast) say(person, toast.content, toast.type);
  else if (error) say(person, /^\d+$/.test(error) ? 'The app could not do that (code ' + error + ')' : error, 'error');
}
`;
