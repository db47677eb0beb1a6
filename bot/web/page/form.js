// A form in a message: labels above, one problem under each field, a summary that is read out.

import { h, unseen, icon } from "./dom.js";
import { check, sentence } from "./check.js";

let made = 0;

// FormView draws the form of message n and calls send(values) when every check has passed.
export class FormView {
  constructor(form, words, send) {
    this.form = form;
    this.words = words;
    this.controls = new Map();
    const prefix = "f" + ++made + "-";
    this.summary = h("p", { class: "summary", role: "alert", hidden: true });
    this.submit = h("button", { type: "submit", class: "main" }, form.submit || "Send");
    this.el = h("form", { class: "form", novalidate: true, autocomplete: "off", "aria-label": form.title, submit: (e) => this.onSubmit(e, send) },
      h("h4", {}, form.title), this.summary,
      form.fields.map((f, i) => this.field(f, prefix + i)), this.submit);
    this.opener = h("button", { type: "button", class: "option", hidden: true, click: () => this.open(true) });
    this.root = h("div", { class: "formbox" }, this.el, this.opener);
  }

  field(f, id) {
    const hint = f.hint ? h("p", { class: "hint", id: id + "-hint" }, f.hint) : null;
    const error = h("p", { class: "error", id: id + "-error", hidden: true });
    const described = [f.hint && id + "-hint", id + "-error"].filter(Boolean).join(" ");
    const name = [f.label, f.required ? null : h("span", { class: "optional" }, " (optional)")];
    const control = { error, inputs: [], box: null };
    const common = { id, "aria-describedby": described, "aria-required": f.required ? "true" : null };
    const keep = (input) => (control.inputs.push(input), input);
    let box;
    switch (f.kind) {
      case "choice":
        if ((f.options || []).length > 6) {
          const select = keep(h("select", common, h("option", { value: "" }, "Please pick"),
            f.options.map((o) => h("option", { value: o.answer || "", selected: o.answer === f.value }, o.label))));
          control.value = () => select.value;
          box = h("div", { class: "field" }, h("label", { for: id }, name), hint, error, select);
        } else {
          const radios = (f.options || []).map((o, i) => keep(h("input", { type: "radio", name: id, id: i ? id + "-" + i : id, value: o.answer || "", checked: !!f.value && o.answer === f.value })));
          control.value = () => radios.find((r) => r.checked)?.value || "";
          box = h("fieldset", { class: "field", "aria-describedby": described }, h("legend", {}, name), hint, error,
            radios.map((r, i) => h("label", { class: "pick", for: r.id }, r, h("span", {}, f.options[i].label))));
        }
        break;
      case "tick": {
        const tick = keep(h("input", { ...common, type: "checkbox", checked: f.value === "yes" }));
        control.value = () => (tick.checked ? "yes" : "");
        box = h("div", { class: "field" }, error, h("label", { class: "pick", for: id }, tick, h("span", {}, name)), hint);
        break;
      }
      case "words": {
        const area = keep(h("textarea", { ...common, rows: 3, dir: "auto" }));
        area.value = f.value || "";
        control.value = () => area.value;
        box = h("div", { class: "field" }, h("label", { for: id }, name), hint, error, area);
        break;
      }
      default: {
        const input = keep(h("input", { ...common, type: "text", dir: "auto", inputmode: f.kind === "number" ? "numeric" : null, class: f.kind === "number" ? "short" : null }));
        input.value = f.value || "";
        control.value = () => input.value;
        box = h("div", { class: "field" }, h("label", { for: id }, name), hint, error, input);
      }
    }
    control.box = box;
    // A problem goes away as soon as it is put right, and never appears while somebody is still writing.
    const settle = () => { if (!error.hidden && !check(f, control.value())) this.mark(f.name, ""); };
    box.addEventListener("input", settle);
    box.addEventListener("change", settle);
    this.controls.set(f.name, control);
    return box;
  }

  onSubmit(event, send) {
    event.preventDefault();
    const values = {}, problems = {};
    for (const f of this.form.fields) {
      values[f.name] = this.controls.get(f.name).value();
      const p = check(f, values[f.name]);
      if (p) problems[f.name] = sentence(f, p, this.words);
    }
    this.show(problems);
    if (Object.keys(problems).length === 0) send(values);
  }

  // show puts problems, sentences by field name, under their fields and takes the person to the first.
  show(problems) {
    let first = null, count = 0;
    for (const f of this.form.fields) {
      this.mark(f.name, problems[f.name] || "");
      if (problems[f.name]) {
        count++;
        first ||= this.controls.get(f.name).inputs[0];
      }
    }
    this.summary.hidden = count === 0;
    this.summary.textContent = count === 1 ? "Please check one answer." : "Please check " + count + " answers.";
    first?.focus();
  }

  mark(name, text) {
    const c = this.controls.get(name);
    c.error.hidden = !text;
    c.error.replaceChildren(...(text ? [unseen("Problem: "), text] : []));
    c.box.classList.toggle("wrong", !!text);
    for (const input of c.inputs) text ? input.setAttribute("aria-invalid", "true") : input.removeAttribute("aria-invalid");
    if (!this.summary.hidden && ![...this.controls.values()].some((x) => !x.error.hidden)) this.summary.hidden = true;
  }

  busy(on) {
    this.submit.disabled = on;
  }

  // close folds the form away, since it was sent or a newer question has come; it can be opened again.
  close(wasSent) {
    const had = this.el.contains(document.activeElement);
    this.sent ||= wasSent;
    this.opener.replaceChildren(...(this.sent ? [icon("tick"), "Sent", unseen(": " + this.form.title), " – open again"] : ["Open the form", unseen(": " + this.form.title)]));
    this.el.hidden = true;
    this.opener.hidden = false;
    if (had) this.opener.focus();
  }

  open(focus) {
    this.el.hidden = false;
    this.opener.hidden = true;
    if (focus) this.controls.values().next().value?.inputs[0]?.focus();
  }
}
