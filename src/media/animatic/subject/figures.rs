//! The figures themselves, in units of a person's height.

use super::super::canvas::{Point, mix};
use super::super::look::Action;
use super::{Figure, Pen};

impl Figure {
    pub(super) fn beast(&self, pen: &mut Pen<'_>, t: f32) {
        let (swing, rate) = self.stride();
        for (x, phase, ink) in [
            (-0.24, 0.4, self.dark),
            (0.2, 3.5, self.dark),
            (-0.19, 3.3, self.coat),
            (0.25, 0.0, self.coat),
        ] {
            let angle = (t * rate + phase).sin() * swing;
            let bend = ((t * rate + phase + 1.2).sin() * swing).max(0.0) * 0.6;
            let knee = (x + angle.sin() * 0.14, 0.17 + 0.03 * (1.0 - angle.cos()));
            let paw = (
                knee.0 + (angle - bend).sin() * 0.14,
                (knee.1 - (angle - bend).cos() * 0.15).max(0.02),
            );
            pen.limb((x, 0.32), knee, (0.06, 0.045), ink);
            pen.limb(knee, paw, (0.045, 0.035), ink);
            pen.limb(paw, (paw.0 + 0.03, paw.1), (0.034, 0.03), ink);
        }
        let wag = (t * 9.0).sin() * 0.06;
        pen.limb((-0.3, 0.4), (-0.47, 0.58 + wag), (0.05, 0.025), self.coat);
        pen.limb((-0.22, 0.37), (0.22, 0.39), (0.12, 0.135), self.coat);
        pen.limb((0.24, 0.44), (0.36, 0.6), (0.095, 0.085), self.coat);
        let nod = (t * rate * 0.5).sin() * 0.012;
        pen.oval((0.39, 0.63 + nod), (0.115, 0.105), self.coat);
        pen.limb(
            (0.45, 0.6 + nod),
            (0.53, 0.58 + nod),
            (0.055, 0.04),
            self.coat,
        );
        pen.limb(
            (0.33, 0.7 + nod),
            (0.27, 0.6 + nod),
            (0.045, 0.035),
            self.dark,
        );
        pen.oval((0.555, 0.595 + nod), (0.022, 0.02), self.dark);
        pen.oval((0.425, 0.655 + nod), (0.016, 0.018), self.dark);
    }

    pub(super) fn person(&self, pen: &mut Pen<'_>, (x, tall): Point, t: f32) {
        let (swing, rate) = self.stride();
        let at = |dx: f32, y: f32| (x + dx, y * tall);
        let lean = if self.action == Action::Run {
            0.06
        } else {
            0.0
        };
        let sway = if self.action == Action::Dance {
            (t * 5.0).sin() * 0.07
        } else {
            0.0
        };
        let skin = mix([236, 196, 164], self.dark, 0.25);
        for (phase, ink) in [
            (std::f32::consts::PI, self.dark),
            (0.0, mix(self.dark, self.coat, 0.25)),
        ] {
            let angle = (t * rate + phase).sin() * swing * 0.6;
            let bend = ((t * rate + phase + 1.0).sin() * swing).max(0.0) * 0.9;
            let knee = (x + angle.sin() * 0.24, tall * (0.5 - angle.cos() * 0.25));
            let foot = (
                knee.0 + (angle - bend).sin() * 0.25,
                (knee.1 - (angle - bend).cos() * 0.23).max(0.03),
            );
            pen.limb(at(0.0, 0.5), knee, (0.07, 0.055), ink);
            pen.limb(knee, foot, (0.055, 0.04), ink);
            pen.limb(foot, (foot.0 + 0.06, foot.1 - 0.008), (0.035, 0.028), ink);
        }
        let shoulder = at(lean + sway, 0.78);
        for (phase, ink) in [(0.0, self.dark), (std::f32::consts::PI, self.coat)] {
            let raised = if self.action == Action::Dance {
                2.2
            } else {
                0.0
            };
            let angle = (t * rate + phase).sin() * swing * 0.7 + raised;
            let elbow = (
                shoulder.0 + angle.sin() * 0.17,
                shoulder.1 - angle.cos() * 0.17,
            );
            let hand = (
                elbow.0 + (angle + 0.5).sin() * 0.16,
                elbow.1 - (angle + 0.5).cos() * 0.16,
            );
            pen.limb(shoulder, elbow, (0.045, 0.038), ink);
            pen.limb(elbow, hand, (0.036, 0.03), ink);
            if phase == 0.0 {
                pen.limb(at(0.0, 0.5), shoulder, (0.088, 0.105), self.coat);
            }
        }
        let head = at(lean * 1.5 + sway * 1.3, 0.92);
        pen.oval(head, (0.08, 0.09), skin);
        pen.limb(
            (head.0 - 0.035, head.1 + 0.035),
            (head.0 + 0.02, head.1 + 0.06),
            (0.062, 0.04),
            self.dark,
        );
    }

    pub(super) fn bird(&self, pen: &mut Pen<'_>, t: f32) {
        let beat = (t * 6.0).sin();
        pen.limb((-0.16, 0.0), (0.16, 0.04), (0.03, 0.07), self.coat);
        pen.plate(
            &[(-0.34, 0.08), (-0.14, 0.03), (-0.14, -0.03), (-0.32, -0.05)],
            self.dark,
        );
        pen.oval((0.22, 0.08), (0.06, 0.055), self.coat);
        pen.plate(&[(0.27, 0.1), (0.35, 0.07), (0.27, 0.055)], [236, 170, 60]);
        for (side, ink) in [(0.55, self.dark), (1.0, self.coat)] {
            let tip = (-0.16, 0.42 * beat * side + 0.06);
            let elbow = (0.0, 0.2 * beat * side + 0.06);
            pen.limb((0.06, 0.04), elbow, (0.055, 0.05), ink);
            pen.limb(elbow, tip, (0.05, 0.012), ink);
        }
    }

    pub(super) fn car(&self, pen: &mut Pen<'_>, t: f32) {
        let bump = (t * 11.0).sin() * 0.006;
        let glass = mix([180, 214, 236], self.dark, 0.3);
        pen.plate(
            &[
                (-0.24, 0.46 + bump),
                (0.12, 0.46 + bump),
                (0.3, 0.27 + bump),
                (-0.36, 0.27 + bump),
            ],
            self.coat,
        );
        pen.plate(
            &[
                (-0.2, 0.43 + bump),
                (-0.05, 0.43 + bump),
                (-0.05, 0.29 + bump),
                (-0.29, 0.29 + bump),
            ],
            glass,
        );
        pen.plate(
            &[
                (-0.02, 0.43 + bump),
                (0.1, 0.43 + bump),
                (0.22, 0.29 + bump),
                (-0.02, 0.29 + bump),
            ],
            glass,
        );
        pen.limb(
            (-0.5, 0.2 + bump),
            (0.5, 0.19 + bump),
            (0.09, 0.085),
            self.coat,
        );
        pen.limb(
            (-0.5, 0.135 + bump),
            (0.5, 0.135 + bump),
            (0.025, 0.025),
            self.dark,
        );
        for x in [-0.32, 0.32] {
            pen.oval((x, 0.11), (0.11, 0.11), [24, 24, 28]);
            pen.oval((x, 0.11), (0.055, 0.055), [150, 152, 160]);
            let (dx, dy) = ((t * 14.0).cos() * 0.05, -(t * 14.0).sin() * 0.05);
            pen.limb(
                (x - dx, 0.11 - dy),
                (x + dx, 0.11 + dy),
                (0.012, 0.012),
                [40, 40, 46],
            );
        }
        pen.oval((0.56, 0.21 + bump), (0.03, 0.028), [255, 246, 200]);
        pen.oval((-0.57, 0.21 + bump), (0.02, 0.03), [226, 40, 40]);
    }

    pub(super) fn boat(&self, pen: &mut Pen<'_>, t: f32) {
        let roll = (t * 1.2).sin() * 0.03;
        pen.limb((0.0, 0.1), (roll, 0.86), (0.014, 0.01), self.dark);
        pen.plate(&[(0.02 + roll, 0.84), (0.4, 0.22), (0.03, 0.2)], self.coat);
        pen.plate(
            &[(-0.02 + roll, 0.74), (-0.02, 0.2), (-0.28, 0.22)],
            mix(self.coat, self.dark, 0.25),
        );
        pen.plate(
            &[(-0.46, 0.16), (0.52, 0.18), (0.34, 0.0), (-0.34, 0.0)],
            self.dark,
        );
    }

    pub(super) fn train(&self, pen: &mut Pen<'_>) {
        for nth in [-2.0_f32, -1.0, 0.0] {
            let x = nth * 0.98;
            pen.limb((x - 0.36, 0.26), (x + 0.36, 0.26), (0.16, 0.16), self.coat);
            pen.limb((x - 0.44, 0.14), (x + 0.44, 0.14), (0.03, 0.03), self.dark);
            for window in [-0.3_f32, -0.1, 0.1, 0.3] {
                let (l, r) = (x + window - 0.07, x + window + 0.07);
                pen.plate(
                    &[(l, 0.36), (r, 0.36), (r, 0.25), (l, 0.25)],
                    [250, 232, 176],
                );
            }
            for wheel in [-0.3_f32, 0.3] {
                pen.oval((x + wheel, 0.06), (0.06, 0.06), self.dark);
            }
        }
        pen.oval((0.5, 0.2), (0.028, 0.028), [255, 246, 200]);
    }

    pub(super) fn fish(&self, pen: &mut Pen<'_>, t: f32) {
        let wave = (t * 5.0).sin() * 0.08;
        pen.plate(
            &[(-0.26, 0.02), (-0.46, -0.15 + wave), (-0.46, 0.17 + wave)],
            self.dark,
        );
        pen.plate(&[(-0.04, 0.3), (0.16, 0.14), (-0.16, 0.14)], self.dark);
        pen.oval((0.02, 0.0), (0.36, 0.17), self.coat);
        pen.limb(
            (0.0, -0.04),
            (-0.1, -0.12 + wave * 0.5),
            (0.05, 0.02),
            self.dark,
        );
        pen.oval((0.24, 0.04), (0.03, 0.03), [250, 250, 250]);
        pen.oval((0.25, 0.04), (0.016, 0.016), [16, 16, 20]);
    }

    pub(super) fn flower(&self, pen: &mut Pen<'_>, t: f32) {
        for (x, tall, phase) in [
            (-0.3_f32, 0.6_f32, 0.9_f32),
            (0.0, 0.9, 0.0),
            (0.28, 0.7, 1.9),
        ] {
            let head = (x + (t * 1.1 + phase).sin() * 0.05, tall);
            let stem = mix([74, 134, 66], self.dark, 0.25);
            pen.limb((x, 0.0), head, (0.018, 0.014), stem);
            pen.limb((x, tall * 0.35), (x + 0.12, tall * 0.5), (0.03, 0.01), stem);
            for petal in 0..6_u8 {
                let angle = f32::from(petal) * std::f32::consts::TAU / 6.0 + t * 0.1;
                let at = (head.0 + angle.cos() * 0.085, head.1 + angle.sin() * 0.085);
                pen.oval(at, (0.062, 0.062), self.coat);
            }
            pen.oval(head, (0.05, 0.05), [248, 204, 84]);
        }
    }

    pub(super) fn rocket(&self, pen: &mut Pen<'_>, t: f32) {
        let flame = 0.24 + 0.06 * (t * 23.0).sin();
        pen.limb(
            (-0.3, 0.0),
            (-0.3 - flame, 0.0),
            (0.07, 0.015),
            [255, 156, 56],
        );
        pen.limb(
            (-0.3, 0.0),
            (-0.3 - flame * 0.5, 0.0),
            (0.045, 0.015),
            [255, 236, 170],
        );
        pen.plate(&[(-0.12, 0.1), (-0.3, 0.26), (-0.34, 0.08)], self.dark);
        pen.plate(&[(-0.12, -0.1), (-0.34, -0.08), (-0.3, -0.26)], self.dark);
        pen.limb((-0.26, 0.0), (0.2, 0.0), (0.12, 0.12), self.coat);
        pen.limb(
            (0.2, 0.0),
            (0.44, 0.0),
            (0.12, 0.02),
            mix(self.coat, [214, 60, 52], 0.8),
        );
        pen.oval((0.08, 0.02), (0.06, 0.06), [120, 196, 236]);
    }

    pub(super) fn balloon(&self, pen: &mut Pen<'_>) {
        let stripe = mix(self.coat, [255; 3], 0.55);
        pen.oval((0.0, 0.62), (0.32, 0.36), self.coat);
        pen.plate(
            &[(-0.28, 0.44), (0.28, 0.44), (0.08, 0.2), (-0.08, 0.2)],
            self.coat,
        );
        pen.oval((0.0, 0.62), (0.17, 0.355), stripe);
        pen.oval((0.0, 0.62), (0.07, 0.35), self.coat);
        for x in [-0.07_f32, 0.07] {
            pen.limb((x, 0.2), (x * 0.8, 0.06), (0.006, 0.006), self.dark);
        }
        pen.plate(
            &[(-0.075, 0.08), (0.075, 0.08), (0.06, -0.04), (-0.06, -0.04)],
            mix([150, 100, 60], self.dark, 0.3),
        );
    }
}
