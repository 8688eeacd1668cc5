import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router';
import { useKept } from '../state/kept.ts';
import { useProject } from '../state/project.ts';
import { useSettings } from '../state/settings.ts';
import { place } from './place.ts';

const placeKey = 'place';

const inProject: RouteRecordRaw[] = [
  {
    path: '',
    name: 'project',
    component: () => import('../features/images/ImagesPlace.vue'),
    beforeEnter: async ({ params }) => {
      const last = await useKept().recall(placeKey);
      const inside = `/p/${String(params['project'])}/`;
      return last?.startsWith(inside) ? last : { name: 'images', params };
    },
  },
  {
    path: 'images/:image?',
    name: 'images',
    component: () => import('../features/images/ImagesPlace.vue'),
    props: true,
  },
  {
    path: 'label/:queue?/:image?',
    name: 'label',
    component: () => import('../features/label/LabelPlace.vue'),
    props: true,
  },
  { path: 'adapt/:run?', name: 'adapt', component: () => import('../features/adapt/AdaptPlace.vue'), props: true },
  {
    path: 'results/:run?/:tab?',
    name: 'results',
    component: () => import('../features/results/ResultsPlace.vue'),
    props: true,
  },
  {
    path: 'apply/:run?/:tab?',
    name: 'apply',
    component: () => import('../features/apply/ApplyPlace.vue'),
    props: true,
  },
];

/** Hash history: the same addresses in the window and in a browser. Ids are opaque; no path is ever in an address. */
export const router = createRouter({
  history: createWebHashHistory(),
  routes: [
    { path: '/', name: 'home', component: () => import('../features/home/HomePlace.vue') },
    { path: '/import', name: 'import', component: () => import('../features/import/ImportPlace.vue') },
    { path: '/p/:project', component: () => import('./ProjectFrame.vue'), props: true, children: inProject },
    {
      path: '/settings/:section?',
      name: 'settings',
      component: () => import('../features/settings/SettingsPlace.vue'),
      props: true,
    },
    { path: '/:rest(.*)*', redirect: '/' },
  ],
});

router.beforeEach(async (to) => {
  const project = useProject();
  const wanted = to.params['project'];
  if (typeof wanted !== 'string') return true;
  await useSettings().ready();
  if (project.id === wanted || (await project.open(wanted))) return true;
  return { name: 'home' };
});
router.afterEach((to) => {
  if (to.params['project'] !== undefined) useKept().remember(placeKey, to.fullPath);
  place.value = typeof to.name === 'string' ? to.name : 'home';
});
