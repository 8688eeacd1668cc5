import assert from 'node:assert/strict';
import { test } from 'node:test';
import { language } from '../renderer/language.ts';

const english = language('en').numbers;
const german = language('de').numbers;

test('shares are whole numbers of 100, or have one decimal', () => {
  assert.deepEqual(
    [0, 0.004, 0.9068, 1].map((share) => english.hundred(share)),
    ['0', '0', '91', '100'],
  );
  assert.deepEqual([english.hundred(0.9, 1), german.hundred(0.904, 1)], ['90.0', '90,4']);
});

test('differences have a sign, a true minus, and none where they are nothing', () => {
  assert.deepEqual(
    [0.068, -0.008, 0, -0.0004].map((share) => english.signed(share)),
    ['+6.8', '−0.8', '0.0', '0.0'],
  );
  assert.deepEqual(
    [0.068, -0.008].map((share) => german.signed(share)),
    ['+6,8', '−0,8'],
  );
});

test('counts are grouped as the language does', () => {
  assert.deepEqual([english.integer(48_210), german.integer(48_210)], ['48,210', '48.210']);
});
