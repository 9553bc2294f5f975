// The default theme has fonts of its own to load; the system has fonts too.
import DefaultTheme from 'vitepress/theme-without-fonts';
import './style.css';

export default DefaultTheme;
