import './app/strict-zod.ts';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './app/App.vue';
import './ui/tokens.css';
import './ui/base.css';

createApp(App).use(createPinia()).mount('#app');
