import './app/strict-zod.ts';
// Before the router: it takes the token out of the address.
import './state/connection.ts';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './app/App.vue';
import { router } from './app/router.ts';
import { i18n } from './i18n/index.ts';
import { applyRememberedTheme } from './state/settings.ts';
import './ui/tokens.css';
import './ui/base.css';

applyRememberedTheme();
createApp(App).use(createPinia()).use(i18n).use(router).mount('#app');
