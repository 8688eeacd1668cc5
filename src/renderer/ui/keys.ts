export { matchKeybindingPress, parseKeybinding } from 'tinykeys';
