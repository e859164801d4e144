import { useState } from "react";
import { Page } from "@/look/Page";
import { Tabs } from "@/look/Tabs";
import { ThemeSwitch } from "@/look/ThemeSwitch";
import { Toasts } from "@/look/Toasts";
import { Charts } from "./Charts";
import { Controls } from "./Controls";
import { Curves } from "./Curves";
import { Statements } from "./Statements";
import { Tables } from "./Tables";

const ROOMS = [
  { id: "controls", title: "Controls", show: Controls },
  { id: "statements", title: "Statements", show: Statements },
  { id: "tables", title: "Tables", show: Tables, badge: "10 k" },
  { id: "curves", title: "Curves", show: Curves },
  { id: "charts", title: "Charts", show: Charts },
];

/** Every shared part in every state, to be looked at while it is worked on. */
export function Gallery() {
  const [room, setRoom] = useState(location.hash.slice(1) || "controls");
  const Shown = ROOMS.find(({ id }) => id === room)?.show ?? Controls;

  function enter(id: string) {
    setRoom(id);
    location.hash = id;
  }

  return (
    <main>
      <Page
        title="The parts of the dashboard"
        trail={[{ title: "Stillhouse", to: "/" }, { title: "Gallery" }]}
        actions={<ThemeSwitch />}
      >
        <Tabs label="Rooms" tabs={ROOMS} current={room} onChange={enter}>
          <Shown />
        </Tabs>
      </Page>
      <Toasts />
    </main>
  );
}
