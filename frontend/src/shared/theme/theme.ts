// The product's look as a Mantine theme: slate neutrals, an indigo accent, 8 px grid, calm density.
import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

const accent: MantineColorsTuple = [
  '#eef2ff', '#e0e7ff', '#c7d2fe', '#a5b4fc', '#818cf8', '#6366f1', '#4f46e5', '#4338ca', '#3730a3', '#312e81',
];
const gray: MantineColorsTuple = [
  '#f8fafc', '#f1f5f9', '#e5e7eb', '#d9dee6', '#cbd5e1', '#94a3b8', '#5b677a', '#475569', '#334155', '#1e293b',
];
const dark: MantineColorsTuple = [
  '#e5e7eb', '#cbd5e1', '#94a3b8', '#64748b', '#243042', '#1e293b', '#182233', '#111827', '#0e1420', '#0b0f17',
];
const teal: MantineColorsTuple = [
  '#e6f4f1', '#ccebe5', '#99d7cc', '#5eead4', '#2dd4bf', '#14b8a6', '#0f766e', '#115e59', '#134e4a', '#0f2a2a',
];
const red: MantineColorsTuple = [
  '#fdecee', '#fbd5d9', '#f5a8b1', '#fb7185', '#f43f5e', '#d11a2f', '#a8071a', '#8a0616', '#6e0512', '#331722',
];

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.3,
  colors: { accent, gray, dark, teal, red },
  fontFamily: '"Inter Variable", Inter, "Golos Text", "Segoe UI", system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", "JetBrains Mono", ui-monospace, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '18px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '10px', xl: '12px' },
  defaultRadius: 'md',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
    },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'xs', fw: 500 } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, fz: 'xs', events: { hover: true, focus: true, touch: false } } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 140, transition: 'pop' }, padding: 'lg' } },
    Menu: { defaultProps: { shadow: 'md', radius: 'lg', transitionProps: { duration: 120 } } },
    Popover: { defaultProps: { shadow: 'md', radius: 'lg' } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm' } },
    NumberInput: { defaultProps: { size: 'sm' } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 12 } },
  },
});

/** The state colours of the product and its surfaces, for both schemes. Every part of the app uses these names. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {
    '--tk-header': '52px',
    '--tk-ease': 'cubic-bezier(.2,0,0,1)',
    '--tk-fast': '140ms',
    '--tk-layout': '260ms',
  },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#111827',
    '--mantine-color-dimmed': '#5b677a',
    '--mantine-color-placeholder': '#5b677a',
    '--mantine-color-default-border': '#e5e7eb',
    '--mantine-color-default-hover': '#f1f5f9',
    '--tk-bg': '#f6f7f9',
    '--tk-panel': '#ffffff',
    '--tk-ink': '#111827',
    '--tk-muted': '#5b677a',
    '--tk-line': '#e5e7eb',
    '--tk-soft': '#f1f5f9',
    '--tk-dot': '#d9dee6',
    '--tk-accent': '#4f46e5',
    '--tk-accent-bg': '#eef2ff',
    '--tk-on-state': '#ffffff',
    '--tk-idle': '#5b677a',
    '--tk-idle-bg': '#f1f5f9',
    '--tk-active': '#2563eb',
    '--tk-active-bg': '#eef3fe',
    '--tk-wait': '#d97706',
    '--tk-wait-text': '#92400e',
    '--tk-wait-bg': '#fdf3e3',
    '--tk-ok': '#0f766e',
    '--tk-ok-bg': '#e6f4f1',
    '--tk-bad': '#a8071a',
    '--mantine-color-error': '#a8071a',
    '--tk-bad-bg': '#fdecee',
    '--tk-shadow': '0 1px 2px rgba(15,23,42,.06), 0 4px 12px rgba(15,23,42,.05)',
  },
  dark: {
    '--mantine-color-body': '#111827',
    '--mantine-color-text': '#e5e7eb',
    '--mantine-color-dimmed': '#94a3b8',
    '--mantine-color-placeholder': '#94a3b8',
    '--mantine-color-default': '#111827',
    '--mantine-color-default-border': '#243042',
    '--mantine-color-default-hover': '#182233',
    '--tk-bg': '#0b0f17',
    '--tk-panel': '#111827',
    '--tk-ink': '#e5e7eb',
    '--tk-muted': '#94a3b8',
    '--tk-line': '#243042',
    '--tk-soft': '#182233',
    '--tk-dot': '#1e293b',
    '--tk-accent': '#818cf8',
    '--tk-accent-bg': '#1e2246',
    '--tk-on-state': '#0b0f17',
    '--tk-idle': '#94a3b8',
    '--tk-idle-bg': '#182233',
    '--tk-active': '#60a5fa',
    '--tk-active-bg': '#14233f',
    '--tk-wait': '#fcd34d',
    '--tk-wait-text': '#fcd34d',
    '--tk-wait-bg': '#33280f',
    '--tk-ok': '#2dd4bf',
    '--tk-ok-bg': '#0f2a2a',
    '--tk-bad': '#f43f5e',
    '--mantine-color-error': '#f43f5e',
    '--tk-bad-bg': '#2e1520',
    '--tk-shadow': 'none',
  },
});
