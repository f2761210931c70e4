const name = "theme";

/** Light, dark, or what the system says; remembered. */
export function connectTheme(select) {
  select.value = localStorage.getItem(name) ?? "auto";
  const apply = () => {
    document.documentElement.dataset.theme = select.value;
    localStorage.setItem(name, select.value);
  };
  select.addEventListener("change", apply);
  apply();
}
