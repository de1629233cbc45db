import { type Theme, teamsHighContrastTheme, webDarkTheme, webLightTheme } from '@fluentui/react-components';
import { createContext, useState } from 'react';

export const THEMES = ['light', 'dark', 'contrast'] as const;
type ThemeName = (typeof THEMES)[number];

const KEY = 'spillway.theme';
const BY_NAME: Readonly<Record<ThemeName, Theme>> = {
  light: webLightTheme,
  dark: webDarkTheme,
  contrast: teamsHighContrastTheme,
};

/** The theme in use, and how to choose another. */
export const ThemeChoice = createContext<{ readonly name: ThemeName; readonly choose: (name: ThemeName) => void }>({
  name: 'light',
  choose: () => {},
});

/** The theme chosen before, else the one that the system asks for; and how to choose another. */
export function useTheme() {
  const [name, setName] = useState(firstTheme);
  const choose = (next: ThemeName) => {
    localStorage.setItem(KEY, next);
    setName(next);
  };
  document.documentElement.style.colorScheme = name === 'light' ? 'light' : 'dark';
  return { name, theme: BY_NAME[name], choose };
}

function firstTheme(): ThemeName {
  const kept = THEMES.find((each) => each === localStorage.getItem(KEY));
  if (kept) return kept;
  if (matchMedia('(prefers-contrast: more)').matches) return 'contrast';
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
