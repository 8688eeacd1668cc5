// The one door to reka-ui's unstyled parts; the rest of the page uses the styled ones of this folder.
export { ConfigProvider } from 'reka-ui';
