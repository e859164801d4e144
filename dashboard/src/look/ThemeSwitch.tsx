import { MoonIcon, ScreenIcon, SunIcon } from "./icons";
import { Segments } from "./inputs";
import { chooseTheme, useTheme } from "./theme";

const OPTIONS = [
  {
    value: "system",
    hint: "As the system does",
    title: <Worded icon={<ScreenIcon />} word="System" />,
  },
  { value: "light", hint: "Light", title: <Worded icon={<SunIcon />} word="Light" /> },
  { value: "dark", hint: "Dark", title: <Worded icon={<MoonIcon />} word="Dark" /> },
] as const;

function Worded({ icon, word }: { icon: React.ReactNode; word: string }) {
  return (
    <>
      {icon}
      <span className="unseen">{word}</span>
    </>
  );
}

export function ThemeSwitch() {
  const { choice } = useTheme();
  return <Segments label="Colours" options={OPTIONS} value={choice} onChange={chooseTheme} />;
}
